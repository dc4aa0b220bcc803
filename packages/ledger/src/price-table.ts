import type { TokenCounts } from '@agentteam/contract';

/** US dollars per million tokens, as decimal text. */
export type Rates = { readonly [Class in keyof TokenCounts]: string };

export interface ModelPrice extends Rates {
  /** In place of the model's own rates for a request whose prompt, cache included, is longer. */
  readonly longContext?: Rates & { readonly abovePromptTokens: number };
  /** In place of the model's own rates for a reply with `speed: "fast"`. */
  readonly fast?: Rates;
}

export interface PriceTable {
  readonly models: Readonly<Record<string, ModelPrice>>;
  /** US dollars per search of the API's own web search tool. */
  readonly webSearch: string;
  /** US dollars per hour of the API's own code execution. */
  readonly codeHour: string;
  /** Factor on token prices by `inference_geo`; a place that is not here is charged the greatest. */
  readonly geo: Readonly<Record<string, string>>;
}

/** Claude Code's short names, as version 2.1.330 resolves them. */
const ALIASES: Readonly<Record<string, string>> = {
  opus: 'claude-opus-5-5',
  best: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
  fable: 'claude-fable-5-2',
};

/**
 * Finds a model's price by its id, alias, dated id (`…-20261101`), or the way in which Bedrock, Vertex
 * and common gateways write them. Only whole names match: the price of `claude-opus-5` says nothing
 * about a `claude-opus-5-9`.
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
