import { useState } from "react";
import type { Parameters } from "@oriel/core";
import type { ContentProps } from "./content-props.js";

type Parametrised = Pick<ContentProps, "id" | "params" | "defaultParams" | "onParamsChange">;

const none: Parameters = {};

/**
 * The filters' values, kept by the host or here. They live through renewals
 * and failures, and go when another person signs in.
 */
export function useParams(props: Parametrised, user: string | undefined) {
  const { id, defaultParams = none } = props;
  const [own, setOwn] = useState(defaultParams);
  const [of, setOf] = useState({ user, id, turn: 0 });
  if (of.id !== id || (user !== undefined && of.user !== user)) {
    // That the sign-in now says who it is changes nothing for whoever has begun to type.
    const another = of.id !== id || of.user !== undefined;
    setOf({ user, id, turn: of.turn + (another ? 1 : 0) });
    if (another) setOwn(defaultParams);
  }
  return {
    params: props.params ?? own,
    setParams: (params: Parameters) => {
      setOwn(params);
      props.onParamsChange?.(params);
    },
    /** Changes with the person and with what is shown. */
    owner: of.turn,
  };
}
