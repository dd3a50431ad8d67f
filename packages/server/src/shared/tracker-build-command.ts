/** Command that builds the tracker in a clone of the workspace. */
export const trackerBuildCommand = 'npx -y pnpm@12 --filter @tidemark/sdk build'
