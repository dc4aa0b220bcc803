import { textFor } from '@agentteam/text';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { gateBefore } from '../resolve/resolve.ts';

/** The line that Argo's list of workflows shows. Argo renders it as Markdown. */
export function title(team: ResolvedTeam): string {
  const { teammates } = team;
  const names =
    teammates.length <= 4 ? teammates.map(({ name }) => argo(name)).join(', ') : undefined;
  return `**${argo(team.team.metadata.name)}**: lead and ${names ?? `${teammates.length} teammates`}`;
}

/**
 * What the line unfolds to: who is in the team and what waits for whom. Names, models and limits,
 * and no prompts: a prompt is anybody's text, and this is rendered as Markdown.
 */
export function description(team: ResolvedTeam): string {
  const { lifecycle } = team.team.spec;
  const lines = [
    `- **lead** (${argo(team.lead.model)})`,
    ...team.teammates.map((mate) => {
      const after = mate.dependsOn?.length ? `, after ${mate.dependsOn.map(argo).join(', ')}` : '';
      const gate = gateBefore(team.gates, { teammate: mate.name });
      const asked = gate === undefined ? '' : `, once \`${argo(gate.event)}\` is approved`;
      return `- **${argo(mate.name)}** (${argo(mate.model)})${after}${asked}`;
    }),
  ];
  const limit =
    lifecycle.budgetLimit === undefined
      ? 'no spending limit'
      : `at most $${argo(lifecycle.budgetLimit)}`;
  return [
    ...lines,
    '',
    `${argo(lifecycle.timeout)}, ${limit}, then ${argo(lifecycle.onComplete)}`,
  ].join('\n');
}

/** Inert in Markdown, and nothing that Argo would substitute. */
function argo(text: string): string {
  return textFor('argo', text);
}
