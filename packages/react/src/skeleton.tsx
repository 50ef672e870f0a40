import { words } from "./words.js";

/** Stands in for a dashboard whose layout isn't known yet. */
export function DashboardSkeleton() {
  return (
    <div className="oriel-skeleton">
      <p className="oriel-quiet" role="status">
        {words.loading}
      </p>
      <div className="oriel-bone oriel-bone-title" />
      <div className="oriel-bone oriel-bone-filters" />
      <div className="oriel-bones">
        {["a", "b", "c"].map((key) => (
          <div key={key} className="oriel-bone" />
        ))}
      </div>
      <div className="oriel-bone oriel-fill" />
    </div>
  );
}
