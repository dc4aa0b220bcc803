import type { Lead, Teammate } from '@agentteam/api';
import { parseDuration, parseOciReference } from '@agentteam/contract';
import type { Problem } from '../problem.ts';

/** Checks where an agent's skills and plugins come from. */
export function checkSources(agent: Lead | Teammate, path: Problem['path']): readonly Problem[] {
  const { skills = [], plugins = [] } = agent;
  return [
    ...skills.flatMap(({ source }, index) => {
      const at = [...path, 'skills', index, 'source'];
      return [
        ...checkReference(source.oci, [...at, 'oci']),
        ...checkPath(source.git?.path, [...at, 'git', 'path']),
        ...checkTimeout(source.timeout, [...at, 'timeout']),
      ];
    }),
    ...plugins.flatMap(({ timeout }, index) =>
      checkTimeout(timeout, [...path, 'plugins', index, 'timeout']),
    ),
  ];
}

function checkReference(oci: string | undefined, path: Problem['path']): readonly Problem[] {
  const parsed = oci === undefined ? undefined : parseOciReference(oci);
  if (parsed === undefined || !('problem' in parsed)) return [];
  return [
    {
      code: 'bad-oci-reference',
      path,
      message: `\`${oci}\` ${parsed.problem}`,
      hint: 'for example: ghcr.io/acme/skills/brand-voice:1.2, or with @sha256:… instead of the tag',
    },
  ];
}

function checkPath(text: string | undefined, path: Problem['path']): readonly Problem[] {
  const parts = text?.replace(/\/$/, '').split('/') ?? [];
  if (!parts.some((part) => ['', '.', '..', '.git'].includes(part))) return [];
  return [
    {
      code: 'bad-path',
      path,
      message: `\`${text}\` is not a path of a directory in the repository`,
      hint: 'for example: skills/brand-voice',
    },
  ];
}

function checkTimeout(text: string | undefined, path: Problem['path']): readonly Problem[] {
  if (text === undefined || parseDuration(text) !== undefined) return [];
  return [
    {
      code: 'bad-duration',
      path,
      message: `\`${text}\` is not a duration greater than zero`,
      hint: 'for example: 45s, 5m',
    },
  ];
}
