import { textFor } from '@agentteam/text';
import type { ResolvedAgent } from '../resolve/agents.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';

/** The team's line in Argo's list of workflows. Argo renders it as Markdown. */
export function title({ metadata, agents }: ResolvedTeam): string {
  const [, ...teammates] = agents;
  const names =
    teammates.length <= 4 ? teammates.map(({ name }) => argo(name)).join(', ') : undefined;
  return `**${argo(metadata.name)}**: lead and ${names ?? `${teammates.length} teammates`}`;
}

/**
 * The details below that line: the agents, and what each waits for. Argo renders them as Markdown, so they
 * contain names, models and limits, but no prompts.
 */
export function description({ agents, limits, delivery }: ResolvedTeam): string {
  const spending =
    limits.budgetLimit === undefined ? 'no budget' : `at most $${argo(limits.budgetLimit)}`;
  return [
    ...agents.map(agentLine),
    '',
    `${argo(limits.timeout)}, ${spending}, then ${argo(delivery.onComplete)}`,
  ].join('\n');
}

function agentLine({ name, role, model, dependsOn, gate }: ResolvedAgent): string {
  const title = role === 'lead' ? 'lead' : argo(name);
  const after = dependsOn.length === 0 ? '' : `, after ${dependsOn.map(argo).join(', ')}`;
  const approval = gate === undefined ? '' : `, once \`${argo(gate.event)}\` is approved`;
  return `- **${title}** (${argo(model)})${after}${approval}`;
}

/** Escapes a text so that neither Markdown nor Argo's substitution acts on it. */
function argo(text: string): string {
  return textFor('argo', text);
}
