import { adapterContract } from './adapter.ts';
import { web } from './web.ts';

adapterContract(web);
