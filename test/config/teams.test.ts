import { describe, expect, it } from 'vitest';
import { readConfig, secretsOf } from '../../src/config.ts';
import { problemsOf } from './problems.ts';

const appId = '66666666-7777-4888-8999-AAAAAAAAAAAA';
const tenant = '11111111-2222-4333-8444-555555555555';
const other = '22222222-2222-4333-8444-555555555555';
const single = {
  MicrosoftAppId: appId,
  MicrosoftAppPassword: 'pass~word',
  MicrosoftAppTenantId: tenant.toUpperCase(),
};
const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n';

describe('the Teams variables', () => {
  it('make the bot of one tenant, and its people are those who are heard', () => {
    const config = readConfig(single);
    expect(config.teams).toEqual({
      identity: { kind: 'secret', appId, tenantId: tenant.toUpperCase(), password: 'pass~word' },
      allowedTenants: [tenant],
    });
    expect(secretsOf(config)).toContain('pass~word');
    expect(readConfig({}).teams).toBeUndefined();
  });

  it('make a managed identity, which has no secret', () => {
    const managed = { ...single, MicrosoftAppPassword: '', MicrosoftAppType: 'userAssignedMsi' };
    expect(readConfig(managed).teams?.identity.kind).toBe('managed');
    expect(problemsOf({ ...managed, MicrosoftAppPassword: 'x' }).join()).toContain(
      'MicrosoftAppPassword must not be set, because MicrosoftAppType is UserAssignedMSI',
    );
  });

  it('make a certificate, whose key may come in one line', () => {
    const { MicrosoftAppPassword: _none, ...rest } = single;
    const certificate = {
      ...rest,
      CertificateThumbprint: 'AB'.repeat(20),
      CertificatePrivateKey: key.replaceAll('\n', '\\n'),
    };
    const config = readConfig(certificate);
    expect(config.teams?.identity).toMatchObject({ kind: 'certificate', privateKey: key });
    expect(secretsOf(config)).toContain(key);
    expect(problemsOf({ ...certificate, MicrosoftAppPassword: 'x' })).toHaveLength(1);
    expect(problemsOf({ ...certificate, CertificateThumbprint: '' }).join()).toContain(
      'CertificateThumbprint is missing, which CertificatePrivateKey needs',
    );
  });

  it('say everything that is wrong with them at once', () => {
    const wrong = problemsOf({
      MicrosoftAppId: 'my bot',
      MicrosoftAppType: 'SingelTenant',
      TEAMS_ALLOWED_TENANTS: 'contoso.com',
      TEAMS_ALLOW_ANONYMOUS: 'true',
    });
    for (const words of [
      'MicrosoftAppId must be the id of the app',
      'MicrosoftAppType must be SingleTenant, MultiTenant, UserAssignedMSI',
      'TEAMS_ALLOWED_TENANTS must be ids of tenants',
      'TEAMS_ALLOW_ANONYMOUS must not be set, because MicrosoftAppId is',
      'MicrosoftAppTenantId is missing',
      'MicrosoftAppPassword, or CertificateThumbprint',
    ])
      expect(wrong.filter((problem) => problem.includes(words))).toHaveLength(1);
    expect(problemsOf({ MicrosoftAppPassword: 'x' }).join()).toContain(
      'MicrosoftAppId is missing, which MicrosoftAppPassword needs',
    );
  });

  it('let a bot of many tenants hear those that are named, and no bot all', () => {
    const many = { MicrosoftAppId: appId, MicrosoftAppPassword: 'x', MicrosoftAppType: 'MultiTenant' };
    expect(problemsOf(many).join()).toContain('TEAMS_ALLOWED_TENANTS is missing');
    expect(problemsOf({ ...many, TEAMS_ALLOWED_TENANTS: ' , ' }).join()).toContain('must be ids of tenants');
    const config = readConfig({ ...many, TEAMS_ALLOWED_TENANTS: `${tenant}, ${other}` });
    expect(config.teams).toEqual({
      identity: { kind: 'secret', appId, password: 'x' },
      allowedTenants: [tenant, other],
    });
  });

  it('let nobody in unchecked but on this machine, and never in PROD', () => {
    const anonymous = { TEAMS_ALLOW_ANONYMOUS: 'true' };
    expect(readConfig(anonymous).teams?.identity).toEqual({ kind: 'anonymous' });
    expect(readConfig({ TEAMS_ALLOW_ANONYMOUS: 'false' }).teams).toBeUndefined();
    const prod = { AI_OPS_ENV: 'PROD', AI_OPS_ENCRYPTION_KEY: '0'.repeat(64) };
    expect(problemsOf({ ...anonymous, ...prod }).join()).toContain('TEAMS_ALLOW_ANONYMOUS must not be set');
    const open = { HOST: '0.0.0.0', AI_OPS_ENV: 'LAB' };
    expect(problemsOf({ ...anonymous, ...open }).join()).toContain('TEAMS_ALLOW_ANONYMOUS must not be set');
    expect(problemsOf({ TEAMS_ALLOW_ANONYMOUS: 'maybe' }).join()).toContain('must be true or false');
  });

  it('want a key outside LAB, for what is kept', () => {
    expect(problemsOf({ ...single, AI_OPS_ENV: 'NONPROD' }).join()).toContain('AI_OPS_ENCRYPTION_KEY');
  });

  it('send the bot’s secret nowhere but to Microsoft and to this machine', () => {
    for (const name of ['TEAMS_LOGIN_URL', 'TEAMS_OPENID_METADATA_URL']) {
      expect(problemsOf({ ...single, [name]: 'https://login.example.com' }).join()).toContain('loopback');
      expect(problemsOf({ ...single, [name]: 'https://localhost:8443/x' })).toEqual([]);
    }
  });
});
