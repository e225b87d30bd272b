import { providerScenarios } from './scenarios.ts';
import { openaiChat, openaiResponses } from './subjects.ts';

providerScenarios(openaiResponses);
providerScenarios(openaiChat);
