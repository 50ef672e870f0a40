import type { NextConfig } from "next";

const config: NextConfig = {
  // Who looks at a page over somebody's shoulder need not learn what it runs on.
  poweredByHeader: false,
};

export default config;
