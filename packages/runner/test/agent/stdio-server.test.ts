import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StdioServerSpec } from '@agentteam/contract';
import { afterEach, expect, test } from '@jest/globals';
import { memoryServer } from '../support/memory-server.ts';
import { AgentTeam, COMPLETE, REPORT } from './support/agent-team.ts';

let team: AgentTeam;
afterEach(() => team.remove());

/** An agent whose first call goes to the official MCP server "memory". */
async function remember(server: (file: string) => StdioServerSpec) {
  const entity = { name: 'ROUTER', entityType: 'thing', observations: ['has four ports'] };
  const create = { name: 'mcp__memory__create_entities', input: { entities: [entity] } };
  const read = { name: 'mcp__memory__read_graph', input: {} };
  const turns = [
    { tools: [create] },
    { tools: [read] },
    { tools: [COMPLETE, REPORT] },
    { text: 'Done.' },
  ];
  team = await AgentTeam.make({ script: { mate: { turns } } });
  const file = join(team.place.directory, 'graph.json');
  const pod = await team.start('mate', { agent: { stdioServers: [server(file)] } });
  if ((await pod.exited) !== 0) throw new Error(pod.log);
  return { asked: JSON.stringify(team.seen), file, log: pod.log };
}

test('an agent calls an MCP server that runs beside it, with its arguments and variables', async () => {
  const { asked, file } = await remember((graph) => ({ name: 'memory', ...memoryServer(graph) }));
  expect(asked).toContain('mcp__memory__search_nodes');
  expect(await readFile(file, 'utf8')).toContain('has four ports');
  expect(asked.split('has four ports').length).toBeGreaterThan(3);
});

test('an MCP server that cannot be started is named in the log', async () => {
  const server = { name: 'memory', command: '/nowhere/server', args: [], env: {} };
  const { asked, log } = await remember(() => server);
  expect(asked).not.toContain('mcp__memory__search_nodes');
  expect(log).toContain('mcp the server memory cannot be started or reached');
});
