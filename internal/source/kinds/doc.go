// Package kinds joins the engines that read customers' data where it makes no
// difference which one it is: where a source is, whether it can be reached, and
// what it holds. Questions go to the engines themselves.
package kinds
