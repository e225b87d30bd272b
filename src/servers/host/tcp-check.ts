import { z } from 'zod';
import { ForbiddenAddressError, resolveTarget } from './address.ts';
import { connectTcp, explainFailure, timeoutSeconds } from './connect.ts';
import { hostTool } from './tool.ts';

const outputSchema = z.object({
  open: z.boolean(),
  address: z.string().optional().describe('The address that was reached.'),
  connect_ms: z.number().optional(),
  reason: z.string().optional().describe('Why it is not open.'),
  code: z.string().optional(),
});

type Check = z.output<typeof outputSchema>;

/** Whether something listens on a TCP port. */
export const tcpCheck = hostTool({
  name: 'tcp_check',
  title: 'TCP check',
  description:
    'Whether a TCP port accepts connections from the host that the bot runs on, and how long connecting takes. Sends no data.',
  usesNetwork: true,
  input: z.object({
    host: z.string().min(1).max(253).describe('Host name or IP address.'),
    port: z.number().int().min(1).max(65535),
    timeout_seconds: timeoutSeconds,
  }),
  output: outputSchema,
  run: async ({ host, port, timeout_seconds }, signal) => {
    const place = `${host}:${port}`;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout_seconds * 1000)]);
    try {
      const data = await connect(host, port, limit);
      return { data, text: describe(place, data) };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ForbiddenAddressError) throw error;
      const { code, why: reason } = explainFailure(error);
      const data = { open: false, reason, code };
      return { data, text: describe(place, data) };
    }
  },
});

async function connect(host: string, port: number, signal: AbortSignal): Promise<Check> {
  const resolution = await resolveTarget(host, signal);
  if (resolution.type === 'unknown') return { open: false, reason: resolution.why, code: 'UNRESOLVED' };
  const startedAt = performance.now();
  const socket = await connectTcp(resolution.target, port, signal);
  socket.destroy();
  return {
    open: true,
    address: resolution.target.address,
    connect_ms: Math.round(performance.now() - startedAt),
  };
}

function describe(place: string, check: Check): string {
  if (!check.open) return `${place} is not open: ${check.reason ?? 'unknown reason'}.`;
  return `${place} is open: connected to ${check.address} in ${check.connect_ms} ms.`;
}
