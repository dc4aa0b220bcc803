import { once } from 'node:events';
import { type SeenRequest, startRehearsal } from '@agentteam/rehearsal';
import { jsonText } from '@agentteam/text';
import { compileFile } from '../compile-file.ts';
import { type Context, note, print } from '../context.ts';
import { Failure } from '../failure.ts';
import { loadScript } from './load-script.ts';

export interface ServeOptions {
  readonly script?: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly json?: true;
}

/**
 * `agentteam rehearsal`: serves until the context's signal aborts.
 * @throws Failure for a team or script that is not valid, and for an address that cannot be had.
 */
export async function serveRehearsal(
  context: Context,
  file: string,
  { script: path, host, port, json }: ServeOptions,
): Promise<void> {
  const { team } = await compileFile(context, file, { controller: { admission: true } });
  const script = await loadScript(team, context.cwd, path);
  const served = await startRehearsal({
    script,
    host,
    port,
    signal: context.signal,
    onRequest: (seen) => print(context, json ? jsonText(seenJson(seen)) : seenLine(seen)),
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(`${host}:${port} cannot be listened at: ${cause.message}`, {
      wayOut: 'Name another --host or --port; port 0 is any free one.',
      cause,
    });
  });
  note(
    context,
    `The Messages API of ${team.metadata.name} is at ${served.url}/{agent}`,
    `  of a controller   AGENTTEAM_API_URL=${served.url}/{agent}`,
    `  MCP servers       ${served.url}/mcp/<server>`,
    `  pull requests     ${served.url}/hosting/github`,
  );
  if (!context.signal.aborted) await once(context.signal, 'abort');
}

function seenJson({ agent, subagent, status, turn }: SeenRequest): object {
  return { agent, subagent, status, ...(turn !== undefined && { turn }) };
}

function seenLine({ agent, subagent, status, turn }: SeenRequest): string {
  const who = subagent ? `${agent} (a sub-agent)` : agent;
  return `${status}  ${who}${turn === undefined ? '' : `  turn ${turn}`}`;
}
