"use client";

// The components run in the browser and are rendered on the server as well.
export { Prefetched, StaticDashboard, StaticQuestion } from "@oriel/react";
