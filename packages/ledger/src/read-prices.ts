import { TOKEN_CLASSES } from './price-reply.ts';
import type { ModelPrice, PriceTable, Rates } from './price-table.ts';
import { PRICES } from './prices.ts';

/** An invalid price table. The message lists all problems. */
export class PricesError extends Error {
  override readonly name: string = 'PricesError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the price table is invalid:\n${problems.map((text) => `  ${text}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads `prices.yaml`, which extends the built-in table, or replaces it with `replace: true`:
 *
 *     replace: false
 *     models:
 *       my-model: { input: 3, output: 15, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6 }
 *     webSearch: 0.01
 *     codeHour: 0.05
 *     geo: { us: 1.1 }
 *     regional: 1.1
 *
 * Prices are dollars per million tokens, with at most six decimals. A model can also have `longContext`
 * (with `abovePromptTokens`) and `fast`, with the same five prices, and a factor `regional` of its own.
 * @throws PricesError when the table is invalid.
 */
export async function readPrices(yaml: string): Promise<PriceTable> {
  // The parser is loaded on use: a gateway without such a file takes 5 MB less memory.
  const { parseDocument } = await import('yaml');
  const problems: string[] = [];
  // Keep numbers as text, so that 0.1 is not rounded to a binary fraction.
  const document = parseDocument(yaml, { schema: 'failsafe' });
  if (document.errors.length > 0) throw new PricesError(document.errors.map((e) => e.message));
  const root = record(document.toJS() ?? {}, '', problems);
  unknownFields(
    root,
    ['replace', 'models', 'webSearch', 'codeHour', 'geo', 'regional'],
    '',
    problems,
  );
  const replace = root['replace'] ?? 'false';
  if (replace !== 'true' && replace !== 'false') problems.push('replace: must be true or false');
  const models = Object.entries(record(root['models'] ?? {}, 'models', problems)).map(
    ([name, value]) => [name, modelPrice(value, `models.${name}`, problems)] as const,
  );
  const geo = Object.entries(record(root['geo'] ?? {}, 'geo', problems)).map(
    ([name, value]) => [name, amount(value, `geo.${name}`, problems)] as const,
  );
  const base = replace === 'true' ? {} : PRICES.models;
  if (replace === 'true' && models.length === 0) {
    problems.push('models: must not be empty with replace: true');
  }
  const table = {
    models: { ...base, ...Object.fromEntries(models) },
    webSearch: amount(root['webSearch'] ?? PRICES.webSearch, 'webSearch', problems),
    codeHour: amount(root['codeHour'] ?? PRICES.codeHour, 'codeHour', problems),
    geo: { ...PRICES.geo, ...Object.fromEntries(geo) },
    regional: amount(root['regional'] ?? PRICES.regional, 'regional', problems),
  };
  if (problems.length > 0) throw new PricesError(problems);
  return table;
}

function modelPrice(value: unknown, path: string, problems: string[]): ModelPrice {
  const fields = record(value, path, problems);
  unknownFields(fields, [...TOKEN_CLASSES, 'longContext', 'fast', 'regional'], path, problems);
  const { longContext, fast, regional } = fields;
  return {
    ...ratesOf(fields, path, problems),
    ...(longContext !== undefined && { longContext: longTier(longContext, path, problems) }),
    ...(fast !== undefined && { fast: tier(fast, `${path}.fast`, [], problems) }),
    ...(regional !== undefined && { regional: amount(regional, `${path}.regional`, problems) }),
  };
}

function longTier(value: unknown, modelPath: string, problems: string[]) {
  const path = `${modelPath}.longContext`;
  const rates = tier(value, path, ['abovePromptTokens'], problems);
  const text = String(record(value, path, [])['abovePromptTokens'] ?? '');
  if (!/^[1-9][0-9]{0,9}$/.test(text)) {
    problems.push(`${path}.abovePromptTokens: must be a positive whole number`);
  }
  return { ...rates, abovePromptTokens: Number(text) };
}

function tier(value: unknown, path: string, more: readonly string[], problems: string[]): Rates {
  const fields = record(value, path, problems);
  unknownFields(fields, [...TOKEN_CLASSES, ...more], path, problems);
  return ratesOf(fields, path, problems);
}

function ratesOf(fields: Record<string, unknown>, path: string, problems: string[]): Rates {
  const rate = (name: keyof Rates) => amount(fields[name], `${path}.${name}`, problems);
  return {
    input: rate('input'),
    output: rate('output'),
    cacheRead: rate('cacheRead'),
    cacheWrite5m: rate('cacheWrite5m'),
    cacheWrite1h: rate('cacheWrite1h'),
  };
}

function amount(value: unknown, path: string, problems: string[]): string {
  if (typeof value === 'string' && /^[0-9]{1,6}(\.[0-9]{1,6})?$/.test(value)) {
    return value;
  }
  problems.push(`${path}: ${value === undefined ? 'is missing' : 'must be a decimal number'}`);
  return '0';
}

function record(value: unknown, path: string, problems: string[]): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  problems.push(`${path === '' ? 'the file' : path}: must be a mapping`);
  return {};
}

function unknownFields(
  fields: Record<string, unknown>,
  known: readonly string[],
  path: string,
  problems: string[],
): void {
  for (const name of Object.keys(fields).filter((field) => !known.includes(field))) {
    problems.push(`${path === '' ? '' : `${path}.`}${name}: unknown field`);
  }
}
