import { adapterContract } from './adapter.ts';
import { teams } from './teams.ts';

adapterContract(teams);
