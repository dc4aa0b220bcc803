import type { PriceTable } from './price-table.ts';

/** Input, output, cache read, 5-minute cache write, 1-hour cache write. */
type Row = readonly [string, string, string, string, string];

const rates = ([input, output, cacheRead, cacheWrite5m, cacheWrite1h]: Row) => ({
  input,
  output,
  cacheRead,
  cacheWrite5m,
  cacheWrite1h,
});

const OPUS_5 = rates(['5', '25', '0.5', '6.25', '10']);
const FAST_5 = rates(['10', '50', '1', '12.5', '20']);
const FAST_4 = rates(['30', '150', '3', '37.5', '60']);
const SONNET_4 = rates(['3', '15', '0.3', '3.75', '6']);
const FABLE_5 = rates(['10', '50', '1', '12.5', '20']);
const FABLE_5_1 = rates(['10', '50', '0.25', '12.5', '20']);
const FABLE_5_2 = {
  ...rates(['8', '40', '0.2', '10', '16']),
  fast: rates(['16', '80', '0.4', '20', '32']),
};
/** Clouds ask the same for these older models everywhere. */
const SAME_EVERYWHERE = { regional: '1' };
const OPUS_4 = { ...rates(['15', '75', '1.5', '18.75', '30']), ...SAME_EVERYWHERE };
const OLD_SONNET = { ...SONNET_4, ...SAME_EVERYWHERE };

/**
 * List prices in US dollars per million tokens, as of 2026-11-23. They are those with which the pinned
 * Claude Code (2.1.330) computes `costUSD`, and `test/prices.test.ts` compares them again. The two Opus 4
 * models, which that version no longer knows, and code execution have Anthropic's published prices. Clouds charge
 * list prices, and 10 % more for inference in a region or geography:
 * https://docs.claude.com/en/docs/about-claude/pricing#third-party-platform-pricing
 */
export const PRICES: PriceTable = {
  webSearch: '0.01',
  codeHour: '0.05',
  geo: { us: '1.1', global: '1', not_available: '1' },
  regional: '1.1',
  models: {
    'claude-opus-5-5': {
      ...rates(['4', '20', '0.2', '5', '8']),
      fast: rates(['8', '40', '0.4', '10', '16']),
    },
    'claude-sonnet-5-5': rates(['2', '10', '0.1', '2.5', '4']),
    'claude-haiku-5-5': {
      ...rates(['0.1', '0.5', '0.01', '0.125', '0.2']),
      longContext: {
        abovePromptTokens: 100_000,
        ...rates(['0.5', '2.5', '0.05', '0.625', '1']),
      },
    },
    'claude-fable-5-2': FABLE_5_2,
    'claude-mythos-5-2': FABLE_5_2,
    'claude-fable-5-1': FABLE_5_1,
    'claude-mythos-5-1': FABLE_5_1,
    'claude-fable-5': FABLE_5,
    'claude-mythos-5': FABLE_5,
    'claude-opus-5': { ...OPUS_5, fast: FAST_5 },
    'claude-sonnet-5': rates(['2', '10', '0.2', '2.5', '4']),
    'claude-opus-4-8': { ...OPUS_5, fast: FAST_5 },
    'claude-opus-4-7': { ...OPUS_5, fast: FAST_4 },
    'claude-opus-4-6': { ...OPUS_5, fast: FAST_4 },
    'claude-opus-4-5': OPUS_5,
    'claude-opus-4-1': OPUS_4,
    'claude-opus-4': OPUS_4,
    'claude-sonnet-4-6': SONNET_4,
    'claude-sonnet-4-5': SONNET_4,
    'claude-sonnet-4': OLD_SONNET,
    'claude-3-7-sonnet': OLD_SONNET,
    'claude-haiku-4-5': rates(['1', '5', '0.1', '1.25', '2']),
    'claude-3-5-haiku': { ...rates(['0.8', '4', '0.08', '1', '1.6']), ...SAME_EVERYWHERE },
  },
};
