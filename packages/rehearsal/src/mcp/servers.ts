import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reference, substitute } from '../script/references.ts';
import type { McpServerScript, McpToolScript } from '../script/script.ts';

/** An agent's call, as a line of `<dir>/mcp/<server>.jsonl`. */
export interface McpCallRecord {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly reply: string;
}

/** The tool of a server that the script does not describe. */
const NOTE: McpToolScript = {
  name: 'note',
  description: 'Take a note. In a rehearsal, this tool replaces the tools of the server.',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'Text of the note.' } },
    required: ['text'],
  },
  reply: `Noted: ${reference('input.text')}`,
};

/** The MCP servers of a rehearsal: they speak the real protocol and give scripted answers. */
export class McpServers {
  readonly #scripts: Readonly<Record<string, McpServerScript>>;
  readonly #directory: string | undefined;

  constructor(scripts: Readonly<Record<string, McpServerScript>>, dir: string | undefined) {
    this.#scripts = scripts;
    this.#directory = dir === undefined ? undefined : join(dir, 'mcp');
  }

  tools(server: string): readonly McpToolScript[] {
    const script = Object.hasOwn(this.#scripts, server) ? this.#scripts[server] : undefined;
    return script?.tools ?? [NOTE];
  }

  /** @returns undefined for an unknown tool. */
  async call(
    server: string,
    name: string,
    input: Readonly<Record<string, unknown>>,
  ): Promise<string | undefined> {
    const tool = this.tools(server).find((candidate) => candidate.name === name);
    if (tool === undefined) return undefined;
    const reply = substitute(tool.reply ?? 'ok', (reference) => argument(reference, input));
    await this.#keep(server, { tool: name, arguments: input, reply });
    return reply;
  }

  async #keep(server: string, record: McpCallRecord): Promise<void> {
    if (this.#directory === undefined) return;
    await mkdir(this.#directory, { recursive: true });
    // A single write per line keeps the lines of concurrent calls apart.
    await appendFile(join(this.#directory, `${server}.jsonl`), `${JSON.stringify(record)}\n`);
  }
}

function argument(reference: string, input: Readonly<Record<string, unknown>>): string {
  const value = input[reference.replace(/^input\./, '')];
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
