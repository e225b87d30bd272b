import { providerScenarios } from './scenarios.ts';
import { customChat } from './subjects.ts';

providerScenarios(customChat);
