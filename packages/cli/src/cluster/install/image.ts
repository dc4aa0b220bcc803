import { VERSION } from '../../version.ts';

/** Image of the controller and of all pods of teams, of the same release as this program. */
export const DEFAULT_IMAGE: string = `ghcr.io/amcheste/agentteam:${VERSION}`;
