import { cpuLoad } from './cpu-load.ts';
import { diskUsage } from './disk-usage.ts';
import { dnsLookup } from './dns-lookup.ts';
import { httpCheck } from './http-check.ts';
import { memory } from './memory.ts';
import { networkInterfaces } from './network-interfaces.ts';
import { processes } from './processes.ts';
import { tcpCheck } from './tcp-check.ts';
import { tlsCertificate } from './tls-certificate.ts';
import type { HostTool } from './tool.ts';

/** All tools of the host server. */
export const hostTools: readonly HostTool[] = [
  cpuLoad,
  memory,
  diskUsage,
  processes,
  networkInterfaces,
  dnsLookup,
  httpCheck,
  tcpCheck,
  tlsCertificate,
];
