package quota

// HoursPerMonth is what a month counts for in storage rates.
const HoursPerMonth = 730

// Rates are prices in any one currency.
type Rates struct {
	CPUGHzHour, MemoryGiBHour, StorageGiBMonth float64
	Hours                                      float64 // the period to price, 730 for a month
}

// Cost is the price of a namespace for the period, in the currency of the rates.
type Cost struct{ CPU, Memory, Storage, Total float64 }

// costOf prices what the namespace holds: what its machines and volumes are
// sized for, or what it uses where that is more.
func costOf(n Namespace, r *Rates) *Cost {
	if r == nil {
		return nil
	}
	held := func(u Usage) float64 { return float64(max(u.Used, u.Allocated)) }
	c := Cost{
		CPU:     held(n.CPU) / 1000 * r.CPUGHzHour * r.Hours,
		Memory:  held(n.Memory) / 1024 * r.MemoryGiBHour * r.Hours,
		Storage: held(n.Storage) / 1024 * r.StorageGiBMonth * r.Hours / HoursPerMonth,
	}
	c.Total = c.CPU + c.Memory + c.Storage
	return &c
}
