import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  largestPromptFile,
  loadPrompt,
  type PromptFiles,
  promptFiles,
} from '../../src/resources/prompt-files.ts';
import { promptProblems } from '../../src/resources/prompt-problems.ts';

describe('prompt files', () => {
  let folder: string;
  let own: string;
  let bundled: string;
  let files: PromptFiles;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ai-ops-prompts-'));
    [own, bundled] = [join(folder, 'own'), join(folder, 'bundled')];
    await Promise.all([mkdir(own), mkdir(bundled)]);
    await writeFile(join(bundled, 'default.md'), 'the bundled one');
    files = promptFiles([own, bundled]);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('of all folders are listed once by name, without anything that is not one', async () => {
    await writeFile(join(own, 'default.md'), 'our own');
    await writeFile(join(own, 'team.j2'), 'x');
    await Promise.all(['notes.txt', '.hidden.md', 'md', 'a b.md'].map((n) => writeFile(join(own, n), 'x')));
    await mkdir(join(own, 'folder.md'));
    expect(await files.names()).toEqual(['default.md', 'team.j2']);
  });

  it('in an earlier folder win over those in later ones', async () => {
    expect(await files.read('default.md')).toBe('the bundled one');
    await writeFile(join(own, 'default.md'), 'our own');
    expect(await files.read('default.md')).toBe('our own');
  });

  it('are found although a folder is missing', async () => {
    await rm(own, { recursive: true });
    expect(await files.names()).toEqual(['default.md']);
    expect(await files.read('default.md')).toBe('the bundled one');
  });

  it('that do not exist are told from those that do', async () => {
    await expect(files.read('team.md')).rejects.toThrow(
      'There is no prompt file team.md. There are default.md.',
    );
  });

  it.each(['../secret.md', '/etc/secret.md', 'a/b.md', '.hidden.md', '..md', 'a\\b.md', 'a\0.md', ''])(
    'have plain names, and %j is none',
    async (name) => {
      await writeFile(join(folder, 'secret.md'), 'secret');
      await expect(files.read(name)).rejects.toThrow(/^The name of a prompt file/);
    },
  );

  it('end with .md or .j2', async () => {
    await writeFile(join(own, 'notes.txt'), 'x');
    await expect(files.read('notes.txt')).rejects.toThrow('The name of a prompt file ends with .md or .j2.');
  });

  it('may be links within their folder, as Kubernetes mounts them', async () => {
    await mkdir(join(own, '..2026_01_14'));
    await writeFile(join(own, '..2026_01_14', 'team.md'), 'mounted');
    await symlink('..2026_01_14', join(own, '..data'));
    await symlink(join('..data', 'team.md'), join(own, 'team.md'));
    expect(await files.read('team.md')).toBe('mounted');
    expect(await files.names()).toContain('team.md');
  });

  it('that are links out of their folder are refused and not listed', async () => {
    await writeFile(join(folder, 'secret'), 'secret');
    await symlink(join(folder, 'secret'), join(own, 'team.md'));
    await expect(files.read('team.md')).rejects.toThrow('is a link that leads out of its folder');
    expect(await files.names()).toEqual(['default.md']);
  });

  it('have at most 100 kB', async () => {
    await writeFile(join(own, 'just.md'), 'x'.repeat(largestPromptFile));
    await writeFile(join(own, 'large.md'), 'x'.repeat(largestPromptFile + 1));
    expect(await files.read('just.md')).toHaveLength(100_000);
    await expect(files.read('large.md')).rejects.toThrow('has more than 100 kB');
  });

  it('are text', async () => {
    await writeFile(join(own, 'bytes.md'), new Uint8Array([0xff, 0xfe, 0x00]));
    await writeFile(join(own, 'empty.md'), ' \n');
    await mkdir(join(own, 'folder.md'));
    await expect(files.read('bytes.md')).rejects.toThrow('is not UTF-8 text');
    await expect(files.read('empty.md')).rejects.toThrow('is empty');
    await expect(files.read('folder.md')).rejects.toThrow('is not a file');
  });

  it('that end with .j2 write their variables in double braces, all others in single ones', async () => {
    await writeFile(join(own, 'team.j2'), '{{ tools }}');
    expect(await loadPrompt({ file: 'team.j2' }, files)).toEqual({ text: '{{ tools }}', format: 'jinja' });
    expect((await loadPrompt({ file: 'default.md' }, files)).format).toBe('braces');
    expect((await loadPrompt({ text: '{tools}' }, files)).format).toBe('braces');
  });

  it('are checked with what they say', async () => {
    await writeFile(join(own, 'team.j2'), '{{ tols }}');
    expect(await promptProblems({ file: 'team.j2' }, files)).toEqual([
      expect.stringContaining('Did you mean {{ tools }}?'),
    ]);
    expect(await promptProblems({ file: 'gone.md' }, files)).toEqual([
      'There is no prompt file gone.md. There are default.md, team.j2.',
    ]);
    expect(await promptProblems({ file: 'default.md' }, files)).toEqual([]);
    expect(await promptProblems({ text: '{tols}' }, files)).toHaveLength(1);
  });

  it('that come with the bot have nothing wrong with them', async () => {
    const ours = promptFiles([fileURLToPath(new URL('../../src/resources/prompts', import.meta.url))]);
    expect(await ours.names()).toContain('default.md');
    for (const file of await ours.names()) expect(await promptProblems({ file }, ours)).toEqual([]);
  });
});
