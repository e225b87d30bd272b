import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll } from 'vitest';

// Suites follow each other in one process: none trusts what another one did.
afterAll(() => setDefaultCACertificates([...getCACertificates('bundled'), ...getCACertificates('extra')]));
