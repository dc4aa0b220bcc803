import { VERSION } from '../../version.ts';

/** Image of the controller and of team pods, from the same release as this program. */
export const DEFAULT_IMAGE: string = `ghcr.io/amcheste/agentteam:${VERSION}`;
