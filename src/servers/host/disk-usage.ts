import { readFile, statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { formatBytes, hostTool, percent } from './tool.ts';

const fileSystem = z.object({
  mount: z.string(),
  device: z.string(),
  type: z.string(),
  size_bytes: z.number(),
  used_bytes: z.number(),
  available_bytes: z.number().describe('What ordinary users can still write.'),
  used_percent: z.number().describe('As df shows it: used / (used + available).'),
  inodes_used_percent: z.number().optional(),
});

type FileSystem = z.output<typeof fileSystem>;

interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
}

/** Network file systems and the like have no device under /dev but hold data all the same. */
const storesWithoutDevice = new Set([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'zfs',
  'btrfs',
  'ceph',
  'glusterfs',
  'virtiofs',
  '9p',
  'overlay',
]);
/** A network file system whose server is gone never answers. */
const answerWithinMs = 2_000;

/** How full every real file system is. */
export const diskUsage = hostTool({
  name: 'disk_usage',
  title: 'Disk usage',
  description:
    'How full the mounted file systems of the host that the bot runs on are: size, used and available bytes, percent used, and inode use. Pseudo file systems such as proc and tmpfs are left out.',
  usesNetwork: false,
  input: z.object({
    mount: z
      .string()
      .optional()
      .describe('Only the file system that holds this path, for example /var/lib. Default: all.'),
  }),
  output: z.object({
    file_systems: z.array(fileSystem),
    unreachable: z.array(z.string()).describe('Mounts that did not answer in time.'),
  }),
  run: async ({ mount }) => {
    const mounts = choose(await listMounts(), mount);
    const results = await Promise.all(mounts.map(measure));
    const unreachable = results.filter((result) => typeof result === 'string');
    const found = results
      .filter((result) => typeof result !== 'string')
      .filter((result) => result.size_bytes > 0)
      .toSorted((a, b) => b.used_percent - a.used_percent);
    return { data: { file_systems: found, unreachable }, text: describe(found, unreachable) };
  },
});

async function measure(mount: Mount): Promise<FileSystem | string> {
  const stats = await Promise.race([
    statfs(mount.path).catch(() => undefined),
    sleep(answerWithinMs, undefined, { ref: false }),
  ]);
  if (stats === undefined) return mount.path;
  const used = (stats.blocks - stats.bfree) * stats.bsize;
  const available = stats.bavail * stats.bsize;
  return {
    mount: mount.path,
    device: mount.device,
    type: mount.type,
    size_bytes: stats.blocks * stats.bsize,
    used_bytes: used,
    available_bytes: available,
    used_percent: percent(used, used + available),
    ...(stats.files > 0 ? { inodes_used_percent: percent(stats.files - stats.ffree, stats.files) } : {}),
  };
}

function describe(found: readonly FileSystem[], unreachable: readonly string[]): string {
  const lines = found.map(
    (item) =>
      `${item.mount}: ${item.used_percent} % used, ${formatBytes(item.available_bytes)} of ${formatBytes(item.size_bytes)} available (${item.type} on ${item.device})`,
  );
  return [...lines, ...unreachable.map((path) => `${path}: does not answer`)].join('\n');
}

function choose(mounts: readonly Mount[], path: string | undefined): readonly Mount[] {
  if (path === undefined) return onePerDevice(mounts);
  const holders = mounts.filter(
    (mount) =>
      path === mount.path || path.startsWith(mount.path.endsWith('/') ? mount.path : `${mount.path}/`),
  );
  const holder = holders.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (holder === undefined)
    throw new Error(
      `No mounted file system holds ${path}; give an absolute path, or none for all file systems.`,
    );
  return [holder];
}

/** A device may be mounted at many places (containers bind single files); the shortest path stands for all. */
function onePerDevice(mounts: readonly Mount[]): readonly Mount[] {
  const byDevice = new Map<string, Mount>();
  for (const mount of mounts.toSorted((a, b) => a.path.length - b.path.length)) {
    const key = mount.device.startsWith('/') ? mount.device : `${mount.device} ${mount.path}`;
    if (!byDevice.has(key)) byDevice.set(key, mount);
  }
  return [...byDevice.values()];
}

async function listMounts(): Promise<readonly Mount[]> {
  if (process.platform !== 'linux') return await mountsBySystemInformation();
  const text = await readFile('/proc/self/mounts', 'utf8');
  return text
    .split('\n')
    .map((line) => line.split(' ').map(unescapeOctal))
    .map(([device = '', path = '', type = '']) => ({ device, path, type }))
    .filter(({ device, path, type }) => path !== '' && isReal(device, type));
}

function isReal(device: string, type: string): boolean {
  if (type === 'squashfs' || type === 'iso9660') return false;
  return device.startsWith('/dev/') || storesWithoutDevice.has(type) || type.startsWith('fuse.');
}

async function mountsBySystemInformation(): Promise<readonly Mount[]> {
  const { fsSize } = await import('systeminformation');
  return (await fsSize()).map(({ fs, mount, type }) => ({ device: fs, path: mount, type }));
}

/** Blanks and the like in paths are written as three octal digits (proc_pid_mounts(5), fstab(5)). */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_match, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
