import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { environmentsOf } from '../environment/environment.ts';

/** Checks that the volumes of an environment have different names, and so have the paths of its other lists. */
export function checkVolumeNames(team: AgentTeam): readonly Problem[] {
  return environmentsOf(team).flatMap(({ environment: { volumes = [], files = [] }, path }) => [
    ...repeated(volumes.map(({ name }) => name)).map((index) =>
      listedTwice(volumes[index]?.name, [...path, 'volumes', index, 'name']),
    ),
    ...repeated(files.map((file) => file.path)).map((index) =>
      listedTwice(files[index]?.path, [...path, 'files', index, 'path']),
    ),
  ]);
}

/** The indices of values that the list has before. */
function repeated(values: readonly string[]): readonly number[] {
  return values.flatMap((value, index) => (values.indexOf(value) === index ? [] : [index]));
}

function listedTwice(name: string | undefined, path: Problem['path']): Problem {
  return {
    code: 'repeated-name',
    path,
    message: `\`${name}\` is listed twice`,
    hint: 'remove or rename one of them',
  };
}
