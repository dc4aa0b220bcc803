import { once } from 'node:events';
import { type SeenRequest, startRehearsal } from '@agentteam/rehearsal';
import { jsonText } from '@agentteam/text';
import { type Context, note, print } from '../context.ts';
import { Failure } from '../failure.ts';
import { compileFile } from '../team-file.ts';
import { loadScript } from './load-script.ts';

export interface ServeOptions {
  readonly script?: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly json?: true;
}

/**
 * Serves a rehearsal until the context's signal aborts.
 * @throws Failure when the team or the script is invalid, or the address is not available.
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
    onRequest: (request) =>
      print(context, json ? jsonText(requestJson(request)) : requestLine(request)),
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new Failure(`cannot listen on ${host}:${port}: ${cause.message}`, {
      hint: 'Use another --host or --port; --port 0 uses any free port.',
      cause,
    });
  });
  note(
    context,
    `Rehearsing ${team.metadata.name}. The Messages API is at ${served.url}/{agent}`,
    `  Variable of the controller:  AGENTTEAM_API_URL=${served.url}/{agent}`,
    `  MCP servers:                 ${served.url}/mcp/<server>`,
    `  Hosting service:             ${served.url}/hosting/github`,
  );
  if (!context.signal.aborted) await once(context.signal, 'abort');
}

function requestJson({ agent, subagent, status, turn }: SeenRequest): object {
  return { agent, subagent, status, ...(turn !== undefined && { turn }) };
}

function requestLine({ agent, subagent, status, turn }: SeenRequest): string {
  const who = subagent ? `${agent} (sub-agent)` : agent;
  return `${status}  ${who}${turn === undefined ? '' : `  turn ${turn}`}`;
}
