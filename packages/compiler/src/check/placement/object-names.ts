import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { environmentsOf } from '../environment/environment.ts';
import { checkObjectName } from '../secrets/object-name.ts';

/** Checks the names of the objects to which environments refer. */
export function checkObjectNames(team: AgentTeam): readonly Problem[] {
  return environmentsOf(team).flatMap(({ environment, path }) => {
    const { volumes = [], files = [], runtimeClassName, priorityClassName } = environment;
    const { serviceAccountName } = environment;
    const named = [
      ...Object.entries({ runtimeClassName, priorityClassName, serviceAccountName }).map(
        ([key, name]) => ({ name, at: [key] }),
      ),
      ...volumes.flatMap(({ persistentVolumeClaim, configMap }, index) => [
        {
          name: persistentVolumeClaim?.claimName,
          at: ['volumes', index, 'persistentVolumeClaim', 'claimName'],
        },
        { name: configMap?.name, at: ['volumes', index, 'configMap', 'name'] },
      ]),
      ...files.map(({ configMap }, index) => ({
        name: configMap,
        at: ['files', index, 'configMap'],
      })),
    ];
    return named.flatMap(({ name, at }) =>
      name === undefined ? [] : checkObjectName(name, [...path, ...at]),
    );
  });
}
