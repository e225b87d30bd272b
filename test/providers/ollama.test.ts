import { providerScenarios } from './scenarios.ts';
import { ollamaNative } from './subjects.ts';

providerScenarios(ollamaNative);
