/**
 * What a request to the Messages API tells of the way that its agent went, in digests: a recording keeps
 * it, since it keeps no requests, and a replay compares it.
 */
export interface RequestTrace {
  /** Of what the agent was told first. */
  readonly prompt: string;
  /** Of what its last calls answered, by tool. */
  readonly answers: readonly { readonly tool: string; readonly digest: string }[];
}

/**
 * What these answer tells nothing: mail and tasks hang on who was faster, and in a replay the
 * rehearsal's own servers stand in for those of MCP.
 */
const NOT_COMPARED = /^(Task[A-Z]|SendMessage|TodoWrite|mcp__)/;

/** What the CLI adds by itself (the date), and where things lie on this machine. */
const SURROUNDINGS = /<system-reminder>[\s\S]*?<\/system-reminder>|<paths>[\s\S]*?<\/paths>/g;

/**
 * @param messages of the request, as they were sent.
 * @param known renames what is called otherwise in the run that this is compared with.
 */
export function traceOf(
  messages: readonly unknown[],
  known: (text: string) => string = (text) => text,
): RequestTrace {
  const read = messages.map(readMessage);
  const first = read.find(({ role }) => role === 'user')?.blocks ?? [];
  const told = first.map(({ text }) => (typeof text === 'string' ? text : ''));
  const last = read.findLastIndex(({ role }) => role === 'assistant');
  const calls = new Map(
    (read[last]?.blocks ?? []).flatMap(({ type, id, name }) =>
      type === 'tool_use' ? [[id, String(name)] as const] : [],
    ),
  );
  const results = read.slice(last + 1).flatMap(({ blocks }) => blocks);
  return {
    prompt: digest(
      known(told.join(' ').replaceAll(SURROUNDINGS, ' ').split(/\s+/).join(' ').trim()),
    ),
    answers: results.flatMap(({ type, tool_use_id: id, content }) => {
      const tool = type === 'tool_result' ? calls.get(id) : undefined;
      if (tool === undefined || NOT_COMPARED.test(tool)) return [];
      // Times and sizes differ from run to run.
      const words = known(textOf(content)).replaceAll(/[0-9]+/g, '0');
      return [{ tool, digest: digest(words) }];
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function readMessage(message: unknown): { readonly role: unknown; readonly blocks: Fields[] } {
  const { role, content } = fields(message);
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
  return { role, blocks: blocks.map(fields) };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const texts = list(content).map((block) => fields(block)['text']);
  return texts.filter((text) => typeof text === 'string').join('\n');
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** 64 bits of FNV-1a, in hex: to tell texts apart, not to hide them. */
function digest(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
