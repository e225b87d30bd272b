import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const client = join(root, 'test/conformance/client.ts');
const suiteMs = 150_000;

const baselineSchema = z.object({ client: z.array(z.string()) });
const checksSchema = z.array(
  z.looseObject({ id: z.string(), status: z.string(), description: z.string().default('') }),
);

/** What is wrong with a scenario, a line for each; none: it passed. */
type Findings = ReadonlyMap<string, readonly string[]>;

/** Runs scenarios with our client, and reads what the suite wrote down about each. */
async function conformance(...which: readonly string[]): Promise<Findings> {
  const folder = await mkdtemp(join(tmpdir(), 'ai-ops-conformance-'));
  const command = `${process.execPath} ${client}`;
  const args = ['client', '--command', command, ...which, '-o', folder, '--timeout', '60000'];
  const child = spawn(process.execPath, ['--no-deprecation', cli, ...args], { cwd: root, stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve));
  const files = await readdir(folder, { recursive: true });
  const found = await Promise.all(
    files.filter((file) => file.endsWith('checks.json')).map((file) => findingsIn(folder, file)),
  );
  await rm(folder, { recursive: true });
  return new Map(found);
}

/** The folder of a scenario is its name and the time. */
async function findingsIn(folder: string, file: string): Promise<readonly [string, readonly string[]]> {
  const scenario = file.replace(/-\d{4}-\d{2}-\d{2}T[^/]*\/checks\.json$/, '');
  const checks = checksSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  const problems = bad.map(({ id, status, description }) => `${status} ${id}: ${description}`);
  return [scenario, checks.length === 0 ? ['nothing was checked'] : problems];
}

describe('the conformance suite of MCP', () => {
  let findings: Map<string, readonly string[]>;
  let baseline: readonly string[];

  beforeAll(async () => {
    const text = await readFile(join(root, 'test/conformance/baseline.yml'), 'utf8');
    baseline = baselineSchema.parse(parse(text)).client;
    findings = new Map(await conformance('--suite', 'all'));
    // It measures milliseconds, which are not there while the others run.
    const alone = findings.get('sse-retry')?.length === 0 ? [] : await conformance('--scenario', 'sse-retry');
    for (const [scenario, problems] of alone) findings.set(scenario, problems);
  }, suiteMs);

  it('has all its scenarios', () => {
    expect(findings.size).toBe(26);
  });

  it('is passed but for what the baseline explains', () => {
    const failed = [...findings].filter(
      ([scenario, problems]) => problems.length > 0 && !baseline.includes(scenario),
    );
    expect(Object.fromEntries(failed)).toEqual({});
  });

  it('fails still where the baseline says so', () => {
    for (const scenario of baseline) expect(findings.get(scenario), scenario).not.toEqual([]);
  });
});
