import type { AgentTeam, Lead, Teammate } from '@agentteam/api';
import { DELIVER_EVENT, SPAWN_PREFIX } from '@agentteam/contract';
import type { Problem } from '../problem.ts';
import { parseDuration } from '../resolve/duration.ts';
import { agentsOf } from './agents.ts';
import { checkDelivery } from './delivery.ts';
import { checkDependencies } from './dependencies.ts';
import { checkMounts } from './mounts.ts';
import { nearest } from './nearest.ts';
import { checkNotifications } from './notifications.ts';
import { checkReferences } from './references.ts';
import { checkScopes } from './scopes.ts';
import { checkUnsupported } from './unsupported.ts';

/** What neither the schema nor a rule between fields can say. For an object that passed both. */
export function checkMeaning(team: AgentTeam): readonly Problem[] {
  return [
    ...checkUnsupported(team),
    ...checkDependencies(team.spec.teammates),
    ...checkGates(team),
    ...checkDurations(team),
    ...checkMoney(team),
    ...checkMounts(team),
    ...checkReferences(team),
    ...checkScopes(team),
    ...checkDelivery(team),
    ...checkNotifications(team),
    ...agentsOf(team).flatMap(({ agent, path }) => checkNames(agent, path)),
  ];
}

/** Skills and MCP servers are told apart by name. */
function checkNames(agent: Lead | Teammate, path: Problem['path']): readonly Problem[] {
  const lists = { skills: agent.skills ?? [], mcpServers: agent.mcpServers ?? [] };
  return Object.entries(lists).flatMap(([key, list]) =>
    list.flatMap(({ name }, index) =>
      list.findIndex((other) => other.name === name) === index
        ? []
        : [
            {
              code: 'repeated-name',
              path: [...path, key, index, 'name'],
              message: `\`${name}\` is listed twice`,
              hint: 'remove one of them, or give it another name',
            },
          ],
    ),
  );
}

function checkGates(team: AgentTeam): readonly Problem[] {
  const gates = team.spec.lifecycle.approvalGates ?? [];
  const events = team.spec.teammates.map(({ name }) => `${SPAWN_PREFIX}${name}`);
  const known = [...events, DELIVER_EVENT];
  return gates.flatMap(({ event }, index): readonly Problem[] => {
    const path = ['spec', 'lifecycle', 'approvalGates', index, 'event'];
    if (gates.findIndex((other) => other.event === event) !== index) {
      return [{ code: 'repeated-name', path, message: `there are two gates for \`${event}\`` }];
    }
    if (known.includes(event)) return event.length > MAX_EVENT ? [tooLong(path)] : [];
    const guess = nearest(event, known);
    return [
      {
        code: 'unknown-event',
        path,
        message: `\`${event}\` gates nothing`,
        hint:
          guess === undefined
            ? `events of this team: ${known.join(', ')}`
            : `did you mean \`${guess}\`?`,
      },
    ];
  });
}

/** It is the name of annotations, in which Kubernetes takes no more behind the prefix. */
const MAX_EVENT = 63;

function tooLong(path: Problem['path']): Problem {
  return {
    code: 'out-of-bounds',
    path,
    message: `a gate's event has at most ${MAX_EVENT} characters: no annotation could answer this one`,
    hint: `shorten the teammate's name to ${MAX_EVENT - SPAWN_PREFIX.length} characters or less`,
  };
}

function checkDurations(team: AgentTeam): readonly Problem[] {
  const { lifecycle, qualityGates } = team.spec;
  const durations = [
    { text: lifecycle.timeout, path: ['lifecycle', 'timeout'] },
    { text: lifecycle.approvalTimeout, path: ['lifecycle', 'approvalTimeout'] },
    { text: qualityGates?.timeout, path: ['qualityGates', 'timeout'] },
  ];
  return durations.flatMap(({ text, path }) =>
    text === undefined || parseDuration(text) !== undefined
      ? []
      : [
          {
            code: 'bad-duration',
            path: ['spec', ...path],
            message: `\`${text}\` is not a duration longer than zero`,
            hint: 'write it as 45s, 90m, 1h30m, 4h or 2d',
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
            message: `\`${text}\` is not an amount of dollars above zero with at most two decimals`,
            hint: 'write it as "10.00", without a sign and without separators',
          },
        ],
  );
}
