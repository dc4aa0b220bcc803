import {
  type LedgerEntry,
  NO_TOKENS,
  type Pass,
  type PriceTable,
  priceReply,
  type ReplyUsage,
} from '@agentteam/ledger';
import { CONTEXT_TOKENS, type RequestFacts } from './request-facts.ts';

/** Maximum time for which a container of the API may run code for one request. */
const CODE_SECONDS = 3600;

/** The usage with which a request costs most: the most expensive prompt, and all allowed output. */
export function worstCase(facts: RequestFacts): ReplyUsage {
  const { promptTokens, maxTokens, passes: count, advisors, webSearches, speed, geo } = facts;
  const written = CACHE_CLASS[facts.cache];
  const own = Array.from({ length: count }, () => ({
    tokens: { ...NO_TOKENS, [written]: promptTokens, output: maxTokens },
  }));
  const advice = advisors.flatMap(({ model, uses, maxTokens: output }) =>
    Array.from({ length: uses }, () => ({
      model,
      tokens: { ...NO_TOKENS, cacheWrite1h: CONTEXT_TOKENS, output },
    })),
  );
  return usageOf([...own, ...advice], {
    webSearches,
    ...(facts.runsCode && { codeSeconds: CODE_SECONDS }),
    ...(speed !== undefined && { speed }),
    ...(geo !== undefined && { geo }),
    ...(facts.isPlaceOpen && { isPlaceOpen: true }),
    ...(facts.isRegional && { isRegional: true }),
  });
}

const CACHE_CLASS = { none: 'input', '5m': 'cacheWrite5m', '1h': 'cacheWrite1h' } as const;

/**
 * The usage with which a reply costs most, given what it has reported so far. The prompt's usage is then
 * known, unless the API may let the model read it again, or the report is unreadable.
 */
export function worstCaseOf(
  prices: PriceTable,
  models: readonly string[],
  facts: RequestFacts,
  { reported, readable }: { readonly reported: ReplyUsage | undefined; readonly readable: boolean },
): ReplyUsage {
  const worst = worstCase(facts);
  if (reported === undefined) return worst;
  const { tokens, passes, geo } = reported;
  const more = {
    ...reported,
    ...(geo === undefined && facts.isPlaceOpen && { isPlaceOpen: true }),
  };
  const output = Math.max(tokens.output, facts.maxTokens);
  const rest = { tokens: { ...NO_TOKENS, output: output - tokens.output } };
  const known: ReplyUsage =
    passes === undefined
      ? { ...more, tokens: { ...tokens, output } }
      : usageOf([...passes, rest], more);
  if (readable && facts.passes === 1 && !facts.runsCode) return known;
  const price = (usage: ReplyUsage) => priceReply(prices, models, usage).usd;
  return price(known) > price(worst) ? known : worst;
}

function usageOf(passes: readonly Pass[], more: Omit<ReplyUsage, 'tokens'>): ReplyUsage {
  const sum = (name: keyof LedgerEntry['tokens']) =>
    passes.reduce((total, { tokens }) => total + tokens[name], 0);
  return {
    ...more,
    tokens: {
      input: sum('input'),
      output: sum('output'),
      cacheRead: sum('cacheRead'),
      cacheWrite5m: sum('cacheWrite5m'),
      cacheWrite1h: sum('cacheWrite1h'),
    },
    ...(passes.length > 1 && { passes }),
  };
}
