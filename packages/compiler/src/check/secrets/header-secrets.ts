import type { AgentTeam } from '@agentteam/api';
import { type Problem, pathText } from '../../problem.ts';
import { agentsOf } from '../agents.ts';
import { secretUses } from './secret-uses.ts';

/**
 * An MCP server gets every key of its `headersSecret`. So that it gets no credential for something else, the Secret
 * must have no other use in the team.
 */
export function checkHeaderSecrets(team: AgentTeam): readonly Problem[] {
  const others = new Map(
    secretUses(team)
      .filter(({ path }) => path.at(-1) !== 'headersSecret')
      .map(({ name, path }) => [name, path]),
  );
  return agentsOf(team).flatMap(({ agent, path }) =>
    (agent.mcpServers ?? []).flatMap(({ headersSecret = '' }, index): readonly Problem[] => {
      const other = others.get(headersSecret);
      if (other === undefined) return [];
      return [
        {
          code: 'shared-secret',
          path: [...path, 'mcpServers', index, 'headersSecret'],
          message: `the Secret \`${headersSecret}\` also has the credential of \`${pathText(other)}\`, and the MCP server would get all of its keys`,
          hint: 'put the headers into a Secret of their own',
        },
      ];
    }),
  );
}
