/** The version of the package, the chart, the image and `agentteam --version`. `npm version` writes it. */
export const PRODUCT_VERSION = '0.2.0';

/** The image of teams and of the controller, unless an option names another one. */
export const DEFAULT_IMAGE: string = `ghcr.io/amcheste/agentteam:${PRODUCT_VERSION}`;
