import { providerScenarios } from './scenarios.ts';
import { azureChat, azureDeployment, azureResponses } from './subjects.ts';

providerScenarios(azureResponses);
providerScenarios(azureChat);
providerScenarios(azureDeployment);
