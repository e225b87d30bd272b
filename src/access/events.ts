import type { Gate } from '../chat/identity.ts';
import type { Author } from '../chat/inbound.ts';
import type { AuditEntry, Clock } from '../observe/port.ts';
import { nowAndThen } from './now-and-then.ts';

/** Writes an audit entry. Must neither throw nor be waited for. */
export type WriteAudit = (entry: AuditEntry) => void;

/** What the gate tells the audit log. */
export interface AccessEvents {
  signedIn(author: Author, address: string, by: 'link' | 'organisation'): void;
  signedOut(author: Author, address: string): void;
  /** Once a minute for one address, so that guessing does not fill the log. */
  badToken(address: string): void;
  /** Another site used somebody's session. Once a minute for one address. */
  crossSite(address: string): void;
  /** Once a minute for one caller and permission. */
  denied: Gate['denied'];
}

const minute = 60_000;

/** Sign-ins, sign-outs and refusals as audit entries. */
export function accessEvents(audit: WriteAudit, clock: Clock): AccessEvents {
  const isNewToken = nowAndThen({ clock, everyMs: minute });
  const isNewCrossing = nowAndThen({ clock, everyMs: minute });
  const isNewDenial = nowAndThen({ clock, everyMs: minute });
  return {
    signedIn({ principal, name }, address, by) {
      const detail = { by, name };
      audit({ actor: principal, action: 'access.signed_in', target: 'console', detail, ...web(address) });
    },
    signedOut({ principal }, address) {
      audit({ actor: principal, action: 'access.signed_out', target: 'console', ...web(address) });
    },
    badToken(address) {
      if (!isNewToken(address)) return;
      audit({ actor: 'unknown', action: 'access.bad_token', target: 'token', source: 'rest', address });
    },
    crossSite(address) {
      if (!isNewCrossing(address)) return;
      audit({ actor: 'unknown', action: 'access.cross_site', target: 'session', ...web(address) });
    },
    denied({ identity, permission, request }) {
      const { principal } = identity.author;
      if (!isNewDenial(`${principal} ${permission}`)) return;
      audit({
        actor: principal,
        action: 'access.denied',
        target: pathOf(request.url),
        detail: { missing: [permission] },
        source: identity.via === 'session' ? 'console' : 'rest',
        address: request.remoteAddress,
      });
    },
  };
}

function web(address: string) {
  return { source: 'console', address };
}

function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').slice(0, 200);
}
