import type { TokenCounts } from '@agentteam/contract';

/** US dollars per million tokens, as decimal text. */
export type Rates = { readonly [Class in keyof TokenCounts]: string };

export interface ModelPrice extends Rates {
  /** Rates for requests whose prompt, including cached tokens, is longer than this. */
  readonly longContext?: Rates & { readonly abovePromptTokens: number };
  /** Rates for replies with `speed: "fast"`. */
  readonly fast?: Rates;
  /** The model's own factor in place of the table's `regional`. */
  readonly regional?: string;
}

export interface PriceTable {
  readonly models: Readonly<Record<string, ModelPrice>>;
  /** US dollars for each search of the API's web search tool. */
  readonly webSearch: string;
  /** US dollars for each hour of the API's code execution. */
  readonly codeHour: string;
  /** Factors on token prices by `inference_geo`. An unknown location gets the highest factor. */
  readonly geo: Readonly<Record<string, string>>;
  /** Factor on token prices of a cloud for inference in a chosen region or geography. */
  readonly regional: string;
}

/** Claude Code's aliases, as version 2.1.330 resolves them. */
const ALIASES: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  best: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-2',
};

/**
 * Finds a model's price by its id, its alias, a dated id (`…-20261101`), or an id of Bedrock, Vertex AI or
 * a common gateway. Only whole names match: `claude-opus-5` is not `claude-opus-5-9`.
 */
export function findPrice(table: PriceTable, model: string): ModelPrice | undefined {
  const plain = plainModel(model);
  for (const name of [model, plain, ALIASES[plain] ?? '']) {
    if (Object.hasOwn(table.models, name)) return table.models[name];
  }
  return undefined;
}

function plainModel(model: string): string {
  return model
    .toLowerCase()
    .replace(/^.*(?=claude-)/, '')
    .replace(/\[[^\]]*\]$/, '')
    .replace(/-v[0-9]+(:[0-9]+)?$/, '')
    .replace(/(?:[-@][0-9]{8}|-latest|@default)$/, '')
    .replace(/^(claude-(?:opus|sonnet)-4)-0$/, '$1');
}
