import { adapterContract } from './adapter.ts';
import { slack } from './slack.ts';

adapterContract(slack);
