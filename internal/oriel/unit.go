package oriel

import "slices"

// Unit is what a breakout makes of a date or timestamp: the span that it is cut
// to, or a part of it, which comes again.
type Unit string

// The units. A week begins on Monday. Of parts, days of the week go from 1,
// Monday, to 7; weeks of the year are those of ISO 8601.
const (
	UnitMinute  Unit = "minute"
	UnitHour    Unit = "hour"
	UnitDay     Unit = "day"
	UnitWeek    Unit = "week"
	UnitMonth   Unit = "month"
	UnitQuarter Unit = "quarter"
	UnitYear    Unit = "year"

	UnitMinuteOfHour  Unit = "minute_of_hour"
	UnitHourOfDay     Unit = "hour_of_day"
	UnitDayOfWeek     Unit = "day_of_week"
	UnitDayOfMonth    Unit = "day_of_month"
	UnitDayOfYear     Unit = "day_of_year"
	UnitWeekOfYear    Unit = "week_of_year"
	UnitMonthOfYear   Unit = "month_of_year"
	UnitQuarterOfYear Unit = "quarter_of_year"
)

// Span tells whether the unit is a span, so that one follows on the other;
// false for a part, and for no unit.
func (u Unit) Span() bool {
	return slices.Contains([]Unit{UnitMinute, UnitHour, UnitDay, UnitWeek, UnitMonth, UnitQuarter, UnitYear}, u)
}

// OfDay tells whether the unit is within a day: a date has none.
func (u Unit) OfDay() bool {
	return slices.Contains([]Unit{UnitMinute, UnitHour, UnitMinuteOfHour, UnitHourOfDay}, u)
}

// Known tells whether there is such a unit.
func (u Unit) Known() bool {
	return u.Span() || slices.Contains([]Unit{
		UnitMinuteOfHour, UnitHourOfDay, UnitDayOfWeek, UnitDayOfMonth, UnitDayOfYear, UnitWeekOfYear, UnitMonthOfYear, UnitQuarterOfYear,
	}, u)
}
