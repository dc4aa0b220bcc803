import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import { DELIVER_EVENT, parseDuration, spawnEvent } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import { checkDependencies } from './agents/dependencies.ts';
import { checkMcpServers } from './agents/mcp-servers.ts';
import { checkQuestions } from './agents/questions.ts';
import { checkScopes } from './agents/scopes.ts';
import { checkSources } from './agents/sources.ts';
import { agentsOf } from './agents.ts';
import { checkDelivery } from './delivery.ts';
import { checkEnvironment } from './environment/environment.ts';
import { checkMounts } from './environment/mounts.ts';
import { checkServices } from './environment/services.ts';
import { checkSidecars } from './environment/sidecars.ts';
import { nearest } from './nearest.ts';
import { checkNotifications } from './notifications.ts';
import { checkPlacement } from './placement/placement.ts';
import { checkUnsupported } from './schema/unsupported.ts';
import { checkAuth } from './secrets/auth.ts';
import { checkHeaderSecrets } from './secrets/header-secrets.ts';
import { checkReferences } from './secrets/references.ts';

/** Checks everything that the schema and the rules between fields cannot express. */
export function checkMeaning(team: AgentTeam): readonly Problem[] {
  return [
    ...checkUnsupported(team),
    ...checkDependencies(team.spec.teammates),
    ...checkGates(team),
    ...checkDurations(team),
    ...checkMoney(team),
    ...checkMounts(team),
    ...checkEnvironment(team),
    ...checkPlacement(team),
    ...checkReferences(team),
    ...checkHeaderSecrets(team),
    ...checkAuth(team),
    ...checkScopes(team),
    ...checkServices(team),
    ...checkSidecars(team),
    ...checkDelivery(team),
    ...checkNotifications(team),
    ...checkQuestions(team),
    ...agentsOf(team).flatMap(({ agent, path }) => [
      ...checkNames(agent, path),
      ...checkMcpServers(agent, path),
      ...checkSources(agent, path),
    ]),
  ];
}

/** The names of an agent's skills, plugins and MCP servers must be unique. */
function checkNames(agent: Lead | Teammate, path: Problem['path']): readonly Problem[] {
  const { skills = [], plugins = [], mcpServers = [] } = agent;
  const lists = { skills, plugins, mcpServers };
  return Object.entries(lists).flatMap(([key, list]) =>
    list.flatMap(({ name }, index) =>
      list.findIndex((other) => other.name === name) === index
        ? []
        : [
            {
              code: 'repeated-name',
              path: [...path, key, index, 'name'],
              message: `\`${name}\` is listed twice`,
              hint: 'remove or rename one of them',
            },
          ],
    ),
  );
}

function checkGates(team: AgentTeam): readonly Problem[] {
  const gates = team.spec.lifecycle.approvalGates ?? [];
  const events = team.spec.teammates.map(({ name }) => spawnEvent(name));
  const known = [...events, DELIVER_EVENT];
  return gates.flatMap(({ event }, index): readonly Problem[] => {
    const path = ['spec', 'lifecycle', 'approvalGates', index, 'event'];
    if (gates.findIndex((other) => other.event === event) !== index) {
      return [{ code: 'repeated-name', path, message: `two gates have the event \`${event}\`` }];
    }
    if (known.includes(event)) return event.length > MAX_EVENT ? [tooLong(path)] : [];
    const guess = nearest(event, known);
    return [
      {
        code: 'unknown-event',
        path,
        message: `no gate event is named \`${event}\``,
        hint:
          guess === undefined
            ? `the events of this team are: ${known.join(', ')}`
            : `did you mean \`${guess}\`?`,
      },
    ];
  });
}

/** The event becomes the name part of an annotation's key, which Kubernetes limits to 63 characters. */
const MAX_EVENT = 63;

function tooLong(path: Problem['path']): Problem {
  return {
    code: 'out-of-bounds',
    path,
    message: `gate events are limited to ${MAX_EVENT} characters, because the approval is an annotation key`,
    hint: `shorten the teammate's name to at most ${MAX_EVENT - spawnEvent('').length} characters`,
  };
}

function checkDurations(team: AgentTeam): readonly Problem[] {
  const { lifecycle, qualityGates } = team.spec;
  const durations = [
    { text: lifecycle.timeout, path: ['lifecycle', 'timeout'] },
    { text: lifecycle.approvalTimeout, path: ['lifecycle', 'approvalTimeout'] },
    { text: lifecycle.questions?.deadline, path: ['lifecycle', 'questions', 'deadline'] },
    { text: qualityGates?.timeout, path: ['qualityGates', 'timeout'] },
  ];
  return durations.flatMap(({ text, path }) =>
    text === undefined || parseDuration(text) !== undefined
      ? []
      : [
          {
            code: 'bad-duration',
            path: ['spec', ...path],
            message: `\`${text}\` is not a duration greater than zero`,
            hint: 'for example: 45s, 90m, 1h30m, 4h, 2d',
          },
        ],
  );
}

const MONEY = /^\d{1,12}(\.\d{1,2})?$/;

function checkMoney(team: AgentTeam): readonly Problem[] {
  const amounts = [
    { text: team.spec.lifecycle.budgetLimit, path: ['spec', 'lifecycle', 'budgetLimit'] },
    ...agentsOf(team).map(({ agent, path }) => ({
      text: agent.budgetLimit,
      path: [...path, 'budgetLimit'],
    })),
  ];
  return amounts.flatMap(({ text, path }) =>
    text === undefined || (MONEY.test(text) && Number(text) > 0)
      ? []
      : [
          {
            code: 'bad-money',
            path,
            message: `\`${text}\` is not an amount of dollars greater than zero with at most two decimals`,
            hint: 'for example: "10.00", without a sign and without separators',
          },
        ],
  );
}
