// What a page loads at first: what a dynamic import brings later is not counted
// there, and has an entry of its own.
const later = {
  name: "later",
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind }) =>
      kind === "dynamic-import" ? { external: true, path: "later" } : undefined,
    );
  },
};
const atFirst = (config) => ({ ...config, plugins: [...(config.plugins ?? []), later] });

const react = (name, names, limit) => ({
  name: `@oriel/react: ${name}`,
  path: "packages/react/dist/index.js",
  import: `{ OrielProvider, defineAuthConfig, ${names} }`,
  ignore: ["react", "react-dom"],
  gzip: true,
  limit,
  modifyEsbuildConfig: atFirst,
});

export default [
  {
    name: "@oriel/core",
    path: "packages/core/dist/index.js",
    gzip: true,
    limit: "20 KB",
    modifyEsbuildConfig: atFirst,
  },
  {
    name: "@oriel/core: sign-in in another window, loaded when it is needed, with what it shares",
    path: ["packages/core/dist/popup.js", "packages/core/dist/popups.js"],
    gzip: true,
    limit: "6.5 KB",
  },
  react("StaticQuestion, every chart kind", "StaticQuestion", "50 KB"),
  react("and StaticDashboard with filters", "StaticQuestion, StaticDashboard", "65 KB"),
  react(
    "and InteractiveDashboard and CollectionBrowser",
    "StaticQuestion, InteractiveDashboard, CollectionBrowser",
    "65 KB",
  ),
  react(
    "and InteractiveQuestion",
    "StaticQuestion, InteractiveDashboard, CollectionBrowser, InteractiveQuestion",
    "100 KB",
  ),
];
