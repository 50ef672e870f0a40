-- columns
SELECT "departed_at", "delay" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" ORDER BY 1 DESC NULLS LAST, 2 ASC NULLS LAST LIMIT 50
--   $1 text DFW
-- a lookup
SELECT "delay" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE ("origin" = CAST($1 AS VARCHAR)) OR ("origin" NOT IN (SELECT "lookup"."secret" FROM "data"."main"."odd ""table" AS "lookup" WHERE ("lookup"."origin" = CAST($2 AS VARCHAR)) AND ("lookup"."delay" IS NULL))) OR ("delay" IN (SELECT "lookup"."delay" FROM "data"."main"."flights" AS "lookup" WHERE TRUE))) AS "source" ORDER BY 1 ASC NULLS LAST LIMIT 2001
--   $1 text DFW
--   $2 text ORD
-- no rows at all
SELECT count(*) AS "n" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE FALSE) AS "source" LIMIT 2001
-- every kind of predicate
SELECT "odd ""name" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE (("origin" = CAST($1 AS VARCHAR)) OR ("origin" NOT IN (CAST($2 AS VARCHAR), CAST($3 AS VARCHAR)))) AND (NOT ("delay" BETWEEN CAST($4 AS BIGINT) AND CAST($5 AS BIGINT))) AND ("odd ""name" IS NOT NULL) AND ("on_day" IS NULL) AND (starts_with("origin", CAST($6 AS VARCHAR))) AND (TRUE) AND (TRUE) AND (FALSE) AND ("secret" <> CAST($7 AS VARCHAR))) AS "source" ORDER BY 1 ASC NULLS LAST LIMIT 2001
--   $1 text DFW
--   $2 text ORD
--   $3 text ' or 1=1 --
--   $4 integer 1
--   $5 integer 9
--   $6 text D%
--   $7 text x
-- every unit
SELECT CAST(date_trunc('day', "departed_at") AS DATE) AS "day", CAST(date_trunc('week', "on_day") AS DATE) AS "week", CAST(date_trunc('month', "departed_at") AS DATE) AS "month", CAST(date_trunc('quarter', "on_day") AS DATE) AS "quarter", CAST(date_trunc('year', "departed_at") AS DATE) AS "year", hour("departed_at") AS "hour", "origin" AS "origin", CAST(date_trunc('minute', "departed_at") AS TIMESTAMP) AS "minute", CAST(date_trunc('hour', "departed_at") AS TIMESTAMP) AS "hours", minute("departed_at") AS "m", isodow("on_day") AS "dow", day("on_day") AS "dom", dayofyear("on_day") AS "doy", week("on_day") AS "woy", month("on_day") AS "moy", quarter("on_day") AS "qoy", count(*) AS "n" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 ORDER BY 17 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST, 5 ASC NULLS LAST, 6 ASC NULLS LAST, 7 ASC NULLS LAST, 8 ASC NULLS LAST, 9 ASC NULLS LAST, 10 ASC NULLS LAST, 11 ASC NULLS LAST, 12 ASC NULLS LAST, 13 ASC NULLS LAST, 14 ASC NULLS LAST, 15 ASC NULLS LAST, 16 ASC NULLS LAST LIMIT 2001
--   $1 text DFW
-- every function
SELECT count(*) AS "n", count(DISTINCT "origin") AS "origins", CAST(sum("delay") AS BIGINT) AS "total", sum("odd ""name") AS "odd_total", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean", min("departed_at") AS "first", max("departed_at") AS "last", list_sort(list(CAST("delay" AS DOUBLE)) FILTER (WHERE CAST("delay" AS DOUBLE) IS NOT NULL))[CAST(floor(CAST($1 AS DOUBLE) * (count("delay") - 1)) AS integer) + 1] + (list_sort(list(CAST("delay" AS DOUBLE)) FILTER (WHERE CAST("delay" AS DOUBLE) IS NOT NULL))[CAST(ceil(CAST($1 AS DOUBLE) * (count("delay") - 1)) AS integer) + 1] - list_sort(list(CAST("delay" AS DOUBLE)) FILTER (WHERE CAST("delay" AS DOUBLE) IS NOT NULL))[CAST(floor(CAST($1 AS DOUBLE) * (count("delay") - 1)) AS integer) + 1]) * (CAST($1 AS DOUBLE) * (count("delay") - 1) - floor(CAST($1 AS DOUBLE) * (count("delay") - 1))) AS "middle", CAST(count(CASE WHEN "delay" > CAST($2 AS BIGINT) AND "cancelled" = CAST($3 AS BOOLEAN) THEN 1 END) AS DOUBLE) / NULLIF(count(*), 0) AS "late", count(CASE WHEN "delay" > CAST($4 AS DOUBLE) THEN 1 END) AS "n_late", CAST(sum(CASE WHEN "origin" = CAST($5 AS VARCHAR) THEN "delay" END) AS DOUBLE) / NULLIF(count(CASE WHEN "origin" = CAST($5 AS VARCHAR) THEN "delay" END), 0) AS "mean_dfw" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE TRUE) AS "source" LIMIT 2001
--   $1 number 0.5
--   $2 integer 15
--   $3 boolean false
--   $4 number 15.5
--   $5 text DFW
-- filters by constants
SELECT "origin" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" WHERE "origin" IN (CAST($2 AS VARCHAR), CAST($3 AS VARCHAR)) AND "origin" NOT IN (CAST($4 AS VARCHAR)) AND "delay" >= CAST($5 AS BIGINT) AND "delay" <= CAST($6 AS BIGINT) AND "on_day" IS NULL AND "on_day" IS NOT NULL AND ("departed_at" >= CAST($7 AS TIMESTAMP) AND "departed_at" < CAST($8 AS TIMESTAMP)) AND ("departed_at" < CAST($9 AS TIMESTAMP) OR "departed_at" >= CAST($10 AS TIMESTAMP)) AND "departed_at" < CAST($11 AS TIMESTAMP) AND "departed_at" >= CAST($12 AS TIMESTAMP) AND "departed_at" >= CAST($13 AS TIMESTAMP) AND "on_day" <= CAST($14 AS DATE) ORDER BY 1 ASC NULLS LAST LIMIT 2001
--   $1 text DFW
--   $2 text DFW
--   $3 text ORD
--   $4 text LAX
--   $5 integer -5
--   $6 integer 5
--   $7 timestamp 2001-01-31 00:00:00 +0000 UTC
--   $8 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $9 timestamp 2001-01-31 00:00:00 +0000 UTC
--   $10 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $11 timestamp 2001-01-31 00:00:00 +0000 UTC
--   $12 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $13 timestamp 2001-01-31 14:05:00 +0000 UTC
--   $14 date 2001-01-31 00:00:00 +0000 UTC
-- filters by parameters
SELECT "origin" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($2 AS TIMESTAMP) AND "departed_at" < CAST($3 AS TIMESTAMP) AND "on_day" >= CAST($4 AS DATE) AND "on_day" <= CAST($5 AS DATE) AND "on_day" >= CAST($6 AS DATE) AND "origin" IN (CAST($7 AS VARCHAR)) AND "delay" >= CAST($8 AS BIGINT) ORDER BY 1 ASC NULLS LAST LIMIT 2001
--   $1 text DFW
--   $2 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $3 timestamp 2001-03-01 00:00:00 +0000 UTC
--   $4 date 2001-02-01 00:00:00 +0000 UTC
--   $5 date 2001-02-28 00:00:00 +0000 UTC
--   $6 date 2001-02-01 00:00:00 +0000 UTC
--   $7 text LAX
--   $8 integer 3
-- having
SELECT "origin", "n", "last" FROM (SELECT "origin" AS "origin", count(*) AS "n", max("departed_at") AS "last" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" GROUP BY 1) AS "grouped" WHERE "n" >= CAST($2 AS BIGINT) AND "last" < CAST($3 AS TIMESTAMP) ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST LIMIT 10
--   $1 text DFW
--   $2 integer 5
--   $3 timestamp 2001-04-01 00:00:00 +0000 UTC
-- compare with a period
SELECT "current"."n" AS "n", "current"."mean" AS "mean", CASE WHEN CAST("first"."day" AS DATE) <= CAST($1 AS DATE) THEN "preceding"."n" END AS "n_previous", CASE WHEN CAST("first"."day" AS DATE) <= CAST($2 AS DATE) THEN "preceding"."mean" END AS "mean_previous" FROM (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($3 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($4 AS TIMESTAMP) AND "departed_at" < CAST($5 AS TIMESTAMP) AND "origin" <> CAST($6 AS VARCHAR)) AS "current" CROSS JOIN (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($7 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($8 AS TIMESTAMP) AND "departed_at" < CAST($9 AS TIMESTAMP) AND "origin" <> CAST($10 AS VARCHAR)) AS "preceding" CROSS JOIN (SELECT min("departed_at") AS "day" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($11 AS VARCHAR)) AS "source") AS "first" LIMIT 2001
--   $1 date 2001-01-04 00:00:00 +0000 UTC
--   $2 date 2001-01-04 00:00:00 +0000 UTC
--   $3 text DFW
--   $4 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $5 timestamp 2001-03-01 00:00:00 +0000 UTC
--   $6 text LAX
--   $7 text DFW
--   $8 timestamp 2001-01-04 00:00:00 +0000 UTC
--   $9 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $10 text LAX
--   $11 text DFW
-- compare on a date
SELECT "current"."n" AS "n", CASE WHEN "first"."day" <= CAST($1 AS DATE) THEN "preceding"."n" END AS "n_previous" FROM (SELECT count(*) AS "n" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($2 AS VARCHAR)) AS "source" WHERE "on_day" >= CAST($3 AS DATE) AND "on_day" <= CAST($4 AS DATE)) AS "current" CROSS JOIN (SELECT count(*) AS "n" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($5 AS VARCHAR)) AS "source" WHERE "on_day" >= CAST($6 AS DATE) AND "on_day" <= CAST($7 AS DATE)) AS "preceding" CROSS JOIN (SELECT min("on_day") AS "day" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($8 AS VARCHAR)) AS "source") AS "first" LIMIT 2001
--   $1 date 2001-01-04 00:00:00 +0000 UTC
--   $2 text DFW
--   $3 date 2001-02-01 00:00:00 +0000 UTC
--   $4 date 2001-02-28 00:00:00 +0000 UTC
--   $5 text DFW
--   $6 date 2001-01-04 00:00:00 +0000 UTC
--   $7 date 2001-01-31 00:00:00 +0000 UTC
--   $8 text DFW
-- compare without a period
SELECT "current"."n" AS "n", "current"."mean" AS "mean", CASE WHEN FALSE THEN "current"."n" END AS "n_previous", CASE WHEN FALSE THEN "current"."mean" END AS "mean_previous" FROM (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" WHERE "origin" <> CAST($2 AS VARCHAR)) AS "current" LIMIT 2001
--   $1 text DFW
--   $2 text LAX
-- compare with an open period
SELECT "current"."n" AS "n", "current"."mean" AS "mean", CASE WHEN FALSE THEN "current"."n" END AS "n_previous", CASE WHEN FALSE THEN "current"."mean" END AS "mean_previous" FROM (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($2 AS TIMESTAMP) AND "origin" <> CAST($3 AS VARCHAR)) AS "current" LIMIT 2001
--   $1 text DFW
--   $2 timestamp 2001-02-01 00:00:00 +0000 UTC
--   $3 text LAX
-- compare before the calendar
SELECT "current"."n" AS "n", "current"."mean" AS "mean", CASE WHEN FALSE THEN "current"."n" END AS "n_previous", CASE WHEN FALSE THEN "current"."mean" END AS "mean_previous" FROM (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($1 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($2 AS TIMESTAMP) AND "departed_at" < CAST($3 AS TIMESTAMP) AND "origin" <> CAST($4 AS VARCHAR)) AS "current" LIMIT 2001
--   $1 text DFW
--   $2 timestamp 0001-01-01 00:00:00 +0000 UTC
--   $3 timestamp 10000-01-01 00:00:00 +0000 UTC
--   $4 text LAX
-- compare over centuries
SELECT "current"."n" AS "n", "current"."mean" AS "mean", CASE WHEN CAST("first"."day" AS DATE) <= CAST($1 AS DATE) THEN "preceding"."n" END AS "n_previous", CASE WHEN CAST("first"."day" AS DATE) <= CAST($2 AS DATE) THEN "preceding"."mean" END AS "mean_previous" FROM (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($3 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($4 AS TIMESTAMP) AND "departed_at" < CAST($5 AS TIMESTAMP) AND "origin" <> CAST($6 AS VARCHAR)) AS "current" CROSS JOIN (SELECT count(*) AS "n", CAST(sum("delay") AS DOUBLE) / NULLIF(count("delay"), 0) AS "mean" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($7 AS VARCHAR)) AS "source" WHERE "departed_at" >= CAST($8 AS TIMESTAMP) AND "departed_at" < CAST($9 AS TIMESTAMP) AND "origin" <> CAST($10 AS VARCHAR)) AS "preceding" CROSS JOIN (SELECT min("departed_at") AS "day" FROM (SELECT "origin", "delay", "departed_at", "on_day", "odd ""name", "cancelled" FROM "data"."main"."flights" WHERE "origin" = CAST($11 AS VARCHAR)) AS "source") AS "first" LIMIT 2001
--   $1 date 1000-01-01 00:00:00 +0000 UTC
--   $2 date 1000-01-01 00:00:00 +0000 UTC
--   $3 text DFW
--   $4 timestamp 1500-01-01 00:00:00 +0000 UTC
--   $5 timestamp 2000-01-01 00:00:00 +0000 UTC
--   $6 text LAX
--   $7 text DFW
--   $8 timestamp 1000-01-01 00:00:00 +0000 UTC
--   $9 timestamp 1500-01-01 00:00:00 +0000 UTC
--   $10 text LAX
--   $11 text DFW
