import { ProviderError } from '../agent/provider.ts';
import type { BotParts } from '../bot/parts.ts';
import type { modelLoader } from '../providers/load.ts';
import type { ConfigStore, ModelRow } from '../resources/port.ts';

/** Other models than the turn's own, by their names: looked up once per version of the configuration. */
export function namedModels(
  configs: Pick<ConfigStore, 'modelNamed'>,
  models: Pick<ReturnType<typeof modelLoader>, 'load'>,
): BotParts['modelNamed'] {
  let known = { version: -1, rows: new Map<string, Promise<ModelRow | undefined>>() };

  async function rowOf(name: string, version: number): Promise<ModelRow | undefined> {
    if (known.version !== version) known = { version, rows: new Map() };
    const { rows } = known;
    const row = rows.get(name) ?? configs.modelNamed(name);
    rows.set(name, row);
    return await row.catch((error: unknown) => {
      rows.delete(name);
      throw error;
    });
  }

  return async (name, version) => {
    const row = await rowOf(name, version);
    if (row === undefined)
      throw new ProviderError('not_found', `There is no model ${name}, or it is not enabled.`);
    const { temperature } = row;
    return { ...(await models.load(row, version)), ...(temperature === undefined ? {} : { temperature }) };
  };
}
