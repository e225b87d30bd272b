import { providerScenarios } from './scenarios.ts';
import { huggingfaceRouter } from './subjects.ts';

providerScenarios(huggingfaceRouter);
