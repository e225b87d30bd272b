import { providerScenarios } from './scenarios.ts';
import { anthropicMessages } from './subjects.ts';

providerScenarios(anthropicMessages);
