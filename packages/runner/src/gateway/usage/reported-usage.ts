import { isRecord } from '@agentteam/contract';
import { NO_TOKENS, type Pass, type ReplyUsage } from '@agentteam/ledger';

/** Token counts of a `usage` object, or of one of its iterations. */
interface Counts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** All tokens written to the cache. The API may omit the split by lifetime. */
  readonly cacheWrite: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

interface Iteration extends Counts {
  readonly type: string;
  readonly model: string | undefined;
}

/** The usage that the API has reported for one reply so far. A stream reports it in several parts. */
export interface ReportedUsage extends Counts {
  readonly iterations: readonly Iteration[];
  readonly webSearches: number;
  /** Counts of unknown fields, by path. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Whether a count is invalid, so that the report is of no use. */
  readonly unreadable: boolean;
  readonly speed?: string;
  readonly geo?: string;
  readonly tier?: string;
}

const NO_COUNTS: Counts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};
const NOTHING: ReportedUsage = {
  ...NO_COUNTS,
  iterations: [],
  webSearches: 0,
  unknown: new Map(),
  unreadable: false,
};

/** Our names of the API's counts. */
const COUNTS: Readonly<Record<string, keyof Counts>> = {
  input_tokens: 'input',
  output_tokens: 'output',
  cache_read_input_tokens: 'cacheRead',
  cache_creation_input_tokens: 'cacheWrite',
};
/** The fields of `cache_creation`. */
const SPLIT: Readonly<Record<string, keyof Counts>> = {
  ephemeral_5m_input_tokens: 'cacheWrite5m',
  ephemeral_1h_input_tokens: 'cacheWrite1h',
};
/** Fields without a separate charge: web fetches cost their tokens, and details are part of the output. */
const FREE = new Set([
  'output_tokens_details',
  'fallback_credit',
  'server_tool_use.web_fetch_requests',
]);
const MAX_ITERATIONS = 2000;

/**
 * Merges a `usage` object of the API into the known usage. The counts of a stream are cumulative, but a
 * later report may omit earlier counts or set them to zero. The maximum is kept, as the CLI does.
 */
export function mergeUsage(known: ReportedUsage | undefined, usage: unknown): ReportedUsage {
  const before = known ?? NOTHING;
  const unknown = new Map(before.unknown);
  let unreadable = before.unreadable || !isRecord(usage);
  const count = (value: unknown): number => {
    if (value === undefined || value === null) return 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    unreadable = true;
    return 0;
  };
  const unknownField = (path: string, value: unknown): void => {
    if (FREE.has(path)) return;
    if (typeof value === 'number' && value !== 0) {
      const units = Math.min(Math.ceil(Math.abs(value)), Number.MAX_SAFE_INTEGER);
      const name = path.slice(0, 100);
      unknown.set(name, Math.max(units, unknown.get(name) ?? 0));
    } else if (isRecord(value) || Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) unknownField(`${path}.${name}`, inner);
    }
    if (unknown.size > 50) unreadable = true;
  };
  /** @param above path of the object, to name unknown fields. */
  const counts = (report: Fields, above: string, special: readonly string[]): Counts => {
    const found = { ...NO_COUNTS };
    for (const [name, value] of Object.entries(report)) {
      const known = COUNTS[name];
      if (known !== undefined) found[known] = count(value);
      else if (name === 'cache_creation') {
        for (const [part, tokens] of Object.entries(record(value))) {
          const split = SPLIT[part];
          if (split !== undefined) found[split] = count(tokens);
          else unknownField(`${above}${name}.${part}`, tokens);
        }
      } else if (!special.includes(name)) unknownField(`${above}${name}`, value);
    }
    return found;
  };

  const report = record(usage);
  const top = counts(report, '', ['iterations', 'server_tool_use', 'speed']);
  const served = record(report['server_tool_use']);
  for (const [name, value] of Object.entries(served)) {
    if (name !== 'web_search_requests') unknownField(`server_tool_use.${name}`, value);
  }
  const listed = Array.isArray(report['iterations']) ? report['iterations'] : [];
  if (listed.length > MAX_ITERATIONS) unreadable = true;
  const iterations = listed.slice(0, MAX_ITERATIONS).map((value, index): Iteration => {
    const iteration = record(value);
    const found = counts(iteration, 'iterations.', ['type', 'model']);
    const type = text(iteration['type']) ?? '';
    return { ...greatest(before.iterations[index], found), type, model: text(iteration['model']) };
  });
  const speed = text(report['speed']) ?? before.speed;
  const geo = text(report['inference_geo']) ?? before.geo;
  const tier = text(report['service_tier']) ?? before.tier;
  return {
    ...greatest(before, top),
    iterations: [...iterations, ...before.iterations.slice(iterations.length)],
    webSearches: Math.max(before.webSearches, count(served['web_search_requests'])),
    unknown,
    unreadable,
    ...(speed !== undefined && { speed }),
    ...(geo !== undefined && { geo }),
    ...(tier !== undefined && { tier }),
  };
}

/** Iteration types of the requested model, or of a model that replied in its place. */
const OWN = ['message', 'fallback_message'];

/**
 * The usage to price. The top level of `usage` lacks compaction, advisors, and repeated reading after server
 * tools. Therefore each iteration is priced, and so are counts of the top level that exceed those of the
 * iterations.
 * @param unsplit assumed lifetime of cache writes, if the API does not report it.
 */
export function replyUsage(usage: ReportedUsage, unsplit: '5m' | '1h' = '5m'): ReplyUsage {
  const { webSearches, speed, geo, tier, unknown } = usage;
  const passes = passesOf(usage, unsplit);
  const sum = (name: keyof Pass['tokens']) =>
    passes.reduce((total, { tokens }) => total + tokens[name], 0);
  const counted = (uses: boolean) =>
    [...unknown]
      .filter(([path]) => path.startsWith('server_tool_use.') === uses)
      .reduce((total, [, units]) => Math.min(total + units, Number.MAX_SAFE_INTEGER), 0);
  const [unknownTokens, unknownUses] = [counted(false), counted(true)];
  return {
    tokens: {
      input: sum('input'),
      output: sum('output'),
      cacheRead: sum('cacheRead'),
      cacheWrite5m: sum('cacheWrite5m'),
      cacheWrite1h: sum('cacheWrite1h'),
    },
    ...((passes.length > 1 || passes[0]?.model !== undefined) && { passes }),
    webSearches,
    ...(unknownTokens > 0 && { unknownTokens }),
    ...(unknownUses > 0 && { unknownUses }),
    ...(speed !== undefined && { speed }),
    ...(geo !== undefined && { geo }),
    ...(tier !== undefined && { tier }),
  };
}

function passesOf(usage: ReportedUsage, unsplit: '5m' | '1h'): readonly Pass[] {
  if (usage.iterations.length === 0) return [{ tokens: tokensOf(usage, unsplit) }];
  const own = usage.iterations.filter(({ type }) => OWN.includes(type));
  const sum = (name: keyof Counts) => own.reduce((total, counts) => total + counts[name], 0);
  // The split by cache lifetime may be reported at the top level only.
  let spare = Math.max(0, usage.cacheWrite1h - sum('cacheWrite1h'));
  const passes = usage.iterations.map((iteration): Pass => {
    const { type, model, cacheWrite, cacheWrite5m, cacheWrite1h } = iteration;
    const hour = OWN.includes(type)
      ? Math.min(spare, Math.max(0, cacheWrite - cacheWrite5m - cacheWrite1h))
      : 0;
    spare -= hour;
    const tokens = tokensOf({ ...iteration, cacheWrite1h: cacheWrite1h + hour }, unsplit);
    if (model !== undefined) return { model, tokens };
    // A compaction is done by the requested model. For other types, the model is unknown.
    return OWN.includes(type) || type === 'compaction' ? { tokens } : { model: '', tokens };
  });
  const all = own.map((iteration) => tokensOf(iteration, unsplit));
  const top = tokensOf(usage, unsplit);
  const cached = (tokens: Pass['tokens']) => tokens.cacheWrite5m + tokens.cacheWrite1h;
  const beyond = (count: (tokens: Pass['tokens']) => number) =>
    Math.max(0, count(top) - all.reduce((total, tokens) => total + count(tokens), 0));
  const cacheWrite = beyond(cached);
  const rest: Pass['tokens'] = {
    ...NO_TOKENS,
    input: beyond(({ input }) => input),
    output: beyond(({ output }) => output),
    cacheRead: beyond(({ cacheRead }) => cacheRead),
    cacheWrite1h: Math.min(spare, cacheWrite),
    cacheWrite5m: cacheWrite - Math.min(spare, cacheWrite),
  };
  return Object.values(rest).some((tokens) => tokens > 0) ? [...passes, { tokens: rest }] : passes;
}

function tokensOf(counts: Counts, unsplit: '5m' | '1h'): Pass['tokens'] {
  const { input, output, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h } = counts;
  const rest = Math.max(0, cacheWrite - cacheWrite5m - cacheWrite1h);
  return {
    input,
    output,
    cacheRead,
    cacheWrite5m: cacheWrite5m + (unsplit === '5m' ? rest : 0),
    cacheWrite1h: cacheWrite1h + (unsplit === '1h' ? rest : 0),
  };
}

function greatest(before: Counts | undefined, now: Counts): Counts {
  if (before === undefined) return now;
  return {
    input: Math.max(before.input, now.input),
    output: Math.max(before.output, now.output),
    cacheRead: Math.max(before.cacheRead, now.cacheRead),
    cacheWrite: Math.max(before.cacheWrite, now.cacheWrite),
    cacheWrite5m: Math.max(before.cacheWrite5m, now.cacheWrite5m),
    cacheWrite1h: Math.max(before.cacheWrite1h, now.cacheWrite1h),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 200) : undefined;
}
