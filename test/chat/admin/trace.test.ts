import { describe, expect, it } from 'vitest';
import { createAdministration } from '../../../src/chat/admin/administration.ts';
import { createReadTrace } from '../../../src/chat/admin/trace.ts';
import type { DeskCaller } from '../../../src/chat/desk.ts';
import type { Trace } from '../../../src/middleware/port.ts';
import { openAdminStage } from './stage.ts';

const id = '0c9d1f1e-2a44-4b7e-9a0e-1f2d3c4b5a69';
const trace: Trace = { layers: [['LoggingMiddleware', 10]], spans: [[0, 0, 0, 0.1, 0.2, 1]] };
const read = createReadTrace({ trace: async (asked) => (asked === id ? [trace] : undefined) });

function by(...permissions: readonly string[]): DeskCaller {
  const author = { principal: 'slack:T1:U1', name: 'Ada' };
  return { author, permissions: new Set(['chat', ...permissions]), source: 'slack' };
}

describe('trace <reference>', () => {
  it('shows which layers a turn went through', async () => {
    expect(await read(id, by('view_audit'))).toContain(
      '| 0 ms | turn | 10 LoggingMiddleware | 0.1 ms | 0.2 ms |',
    );
  });

  it('is for those who may see the audit log, and about turns that there are', async () => {
    await expect(read(id, by('approve'))).rejects.toThrow('needs the permission view_audit');
    await expect(read('nothing', by('view_audit'))).rejects.toThrow(
      'There is no turn with the reference nothing.',
    );
  });

  it('is a command of the chat, exact in a message', async () => {
    const stage = await openAdminStage();
    const usage = async () => {
      throw new Error('nobody asks for it');
    };
    const admin = createAdministration({ desk: stage.desk, usage, trace: read });
    const auditor = by('view_audit');
    const shown = { type: 'text', text: expect.stringContaining('LoggingMiddleware') };
    expect(await admin.run(`trace ${id}`, auditor)).toMatchObject(shown);
    expect(await admin.hear(`trace ${id}`, auditor)).toMatchObject(shown);
    expect(await admin.isCommand('trace the cable', auditor)).toBe(false);
    expect(JSON.stringify(await admin.run(`trace ${id}`, by()))).toContain('needs the permission view_audit');
    expect(JSON.stringify(await admin.run('trace 17', auditor))).toContain('no turn with the reference 17');
    await stage.close();
  });
});
