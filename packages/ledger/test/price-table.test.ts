import { moneyText } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import { findPrice, NO_TOKENS, PRICES, PricesError, priceReply, readPrices } from '../src/index.ts';

const opus = PRICES.models['claude-opus-5-5'];

describe('findPrice', () => {
  test.each([
    'claude-opus-5-5',
    'claude-opus-5-5-20261101',
    'claude-opus-5-5[1m]',
    'opus',
    'opus[1m]',
    'us.anthropic.claude-opus-5-5-20261101-v1:0',
    'claude-opus-5-5@20261101',
    'anthropic/claude-opus-5-5',
    'claude-opus-5-5-latest',
  ])('%s is Opus 5.5', (model) => expect(findPrice(PRICES, model)).toBe(opus));

  test.each([
    'claude-opus-5-9',
    'claude-opus-5-5-mini',
    'opus-5-5',
    'gpt',
    '',
    'constructor',
    '__proto__',
  ])('%j is unknown', (model) => expect(findPrice(PRICES, model)).toBeUndefined());
});

describe('inference of a cloud in a chosen region', () => {
  const tokens = { ...NO_TOKENS, input: 1_000_000 };
  const usd = (model: string, isRegional: boolean, table = PRICES) =>
    moneyText(priceReply(table, [model], { tokens, webSearches: 0, isRegional }).usd);
  test.each([
    ['us.anthropic.claude-opus-5-5', '4.00', '4.40'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', '3.00', '3.30'],
    ['claude-haiku-4-5@20251001', '1.00', '1.10'],
    // Clouds ask the same for older models everywhere.
    ['us.anthropic.claude-opus-4-1-20250805-v1:0', '15.00', '15.00'],
    ['claude-sonnet-4@20250514', '3.00', '3.00'],
    // An unknown model has the highest price, and the factor.
    ['eu.anthropic.claude-opus-9', '15.00', '16.50'],
  ])('%s', (model, elsewhere, there) => {
    expect([usd(model, false), usd(model, true)]).toEqual([elsewhere, there]);
  });

  test('its factor can be configured, and a model can have its own', async () => {
    const row = 'input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1';
    const table = await readPrices(
      `regional: 1.2\nmodels: { mine: { ${row} }, other: { ${row}, regional: 1.5 } }`,
    );
    expect([usd('mine', true, table), usd('other', true, table)]).toEqual(['1.20', '1.50']);
    await expect(readPrices('regional: high')).rejects.toThrow(
      'regional: must be a decimal number',
    );
  });
});

describe('a configured price table', () => {
  const row = '{ input: 0.1, output: 0.2, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }';
  const usage = { tokens: { ...NO_TOKENS, input: 3 }, webSearches: 0 };

  test('extends the built-in one', async () => {
    const table = await readPrices(`models:\n  mine: ${row}\n`);
    expect(findPrice(table, 'opus')).toBe(opus);
    expect(moneyText(priceReply(table, ['mine'], usage).usd)).toBe('0.0000003');
  });

  test('can have prices for long prompts and fast replies, and factors by location', async () => {
    const dearer = '{ input: 10, output: 20, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0';
    const table = await readPrices(
      [
        'models:',
        `  mine: ${row.replace('}', `, longContext: ${dearer}, abovePromptTokens: 3 }`)}, fast: ${dearer} } }`,
        'geo: { eu: 2 }',
      ].join('\n'),
    );
    const price = (input: number, more = {}) =>
      moneyText(
        priceReply(table, ['mine'], { ...usage, tokens: { ...NO_TOKENS, input }, ...more }).usd,
      );
    expect(price(3)).toBe('0.0000003');
    expect(price(4)).toBe('0.00004');
    expect(price(3, { speed: 'fast' })).toBe('0.00003');
    expect(price(3, { geo: 'eu' })).toBe('0.0000006');
    expect(price(3, { geo: 'us' })).toBe('0.00000033');
  });

  test('can replace the built-in one', async () => {
    const table = await readPrices(`replace: true\nmodels:\n  mine: ${row}\n`);
    expect(priceReply(table, ['claude-opus-5-5'], usage)).toEqual({
      usd: 300_000n,
      basis: 'unknown',
      others: [],
    });
  });

  test('is searched for the reply’s model name first, then for the request’s', async () => {
    const table = await readPrices(`models:\n  mine: ${row}\n`);
    expect(priceReply(table, ['deployment-7', 'mine'], usage).basis).toBe('list');
  });

  test('is refused with all of its problems', async () => {
    const yaml = [
      'modles: {}',
      'replace: maybe',
      'models:',
      '  a: { input: -1, output: 1e3, cacheRead: 0.1, cacheWrite5m: x, extra: 1 }',
      `  b: { input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1, longContext: ${row} }`,
      'webSearch: lots',
      'geo: [1]',
    ].join('\n');
    let problems: readonly string[] = [];
    try {
      await readPrices(yaml);
    } catch (error) {
      problems = (error as PricesError).problems;
    }
    expect(problems).toEqual([
      'modles: unknown field',
      'replace: must be true or false',
      'models.a.extra: unknown field',
      'models.a.input: must be a decimal number',
      'models.a.output: must be a decimal number',
      'models.a.cacheWrite5m: must be a decimal number',
      'models.a.cacheWrite1h: is missing',
      'models.b.longContext.abovePromptTokens: must be a positive whole number',
      'geo: must be a mapping',
      'webSearch: must be a decimal number',
    ]);
  });

  test.each(['models: [', 'geo: {}\ngeo: {}', '- a', 'models: 7', 'replace: true'])(
    '%j is refused',
    async (yaml) => {
      await expect(readPrices(yaml)).rejects.toThrow(PricesError);
    },
  );
});
