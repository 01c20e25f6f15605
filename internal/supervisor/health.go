package supervisor

import "time"

// healthKey is what the health check of machines is called.
func (d dialect) healthKey() string {
	if d == v1beta1 {
		return "machineHealthCheck"
	}
	return "healthCheck"
}

// health writes a health check. v1beta1 has what v1beta2 has with other words,
// and MaxInFlight elsewhere: in the strategy of a pool.
func (d dialect) health(h HealthCheck) fields {
	f := fields{}
	if d == v1beta1 {
		if h.Enabled != nil {
			f["enable"] = *h.Enabled
		}
		f.duration("nodeStartupTimeout", h.NodeStartup)
		f["unhealthyConditions"] = d.unhealthy(h.NodeConditions)
		f["unhealthyMachineConditions"] = d.unhealthy(h.MachineConditions)
		f["maxUnhealthy"], f["unhealthyRange"] = intOrPercent(h.MaxUnhealthy), h.UnhealthyRange
		f.put("remediationTemplate", h.Template.fields())
		return f
	}
	if h.Enabled != nil {
		f["enabled"] = *h.Enabled
	}
	checks := fields{
		"unhealthyNodeConditions":    d.unhealthy(h.NodeConditions),
		"unhealthyMachineConditions": d.unhealthy(h.MachineConditions),
	}
	checks.seconds("nodeStartupTimeoutSeconds", h.NodeStartup)
	f.put("checks", checks)
	remediation := fields{"maxInFlight": intOrPercent(h.MaxInFlight)}
	remediation.put("triggerIf", fields{"unhealthyLessThanOrEqualTo": intOrPercent(h.MaxUnhealthy), "unhealthyInRange": h.UnhealthyRange})
	remediation.put("templateRef", h.Template.fields())
	f.put("remediation", remediation)
	return f
}

func (t TemplateRef) fields() fields {
	return fields{"apiVersion": t.APIVersion, "kind": t.Kind, "name": t.Name}
}

func (d dialect) unhealthy(conditions []UnhealthyCondition) []any {
	list := make([]any, 0, len(conditions))
	for _, c := range conditions {
		entry := fields{"type": c.Type, "status": c.Status}
		if d == v1beta1 {
			entry.duration("timeout", &c.Timeout)
		} else {
			entry.seconds("timeoutSeconds", &c.Timeout)
		}
		list = append(list, map[string]any(entry))
	}
	return list
}

func (d dialect) readHealth(n node) HealthCheck {
	if d == v1beta1 {
		return HealthCheck{
			Enabled: n.bool("enable"), NodeStartup: n.duration("nodeStartupTimeout"),
			NodeConditions:    d.readUnhealthy(n.objects("unhealthyConditions")),
			MachineConditions: d.readUnhealthy(n.objects("unhealthyMachineConditions")),
			MaxUnhealthy:      n.intOrPercent("maxUnhealthy"), UnhealthyRange: n.text("unhealthyRange"),
			Template: readTemplate(n.at("remediationTemplate")),
		}
	}
	checks, remediation := n.at("checks"), n.at("remediation")
	return HealthCheck{
		Enabled: n.bool("enabled"), NodeStartup: checks.seconds("nodeStartupTimeoutSeconds"),
		NodeConditions:    d.readUnhealthy(checks.objects("unhealthyNodeConditions")),
		MachineConditions: d.readUnhealthy(checks.objects("unhealthyMachineConditions")),
		MaxUnhealthy:      remediation.at("triggerIf").intOrPercent("unhealthyLessThanOrEqualTo"),
		UnhealthyRange:    remediation.at("triggerIf").text("unhealthyInRange"),
		MaxInFlight:       remediation.intOrPercent("maxInFlight"),
		Template:          readTemplate(remediation.at("templateRef")),
	}
}

func readTemplate(n node) TemplateRef {
	return TemplateRef{APIVersion: n.text("apiVersion"), Kind: n.text("kind"), Name: n.text("name")}
}

func (d dialect) readUnhealthy(list []node) []UnhealthyCondition {
	var conditions []UnhealthyCondition
	for _, n := range list {
		timeout := n.seconds("timeoutSeconds")
		if d == v1beta1 {
			timeout = n.duration("timeout")
		}
		c := UnhealthyCondition{Type: n.text("type"), Status: n.text("status")}
		if timeout != nil {
			c.Timeout = *timeout
		}
		conditions = append(conditions, c)
	}
	return conditions
}

func gates(list []Gate) []any {
	out := make([]any, 0, len(list))
	for _, g := range list {
		out = append(out, map[string]any(fields{"conditionType": g.ConditionType, "polarity": g.Polarity}.clean()))
	}
	return out
}

func (n node) gates(key string) []Gate {
	var gates []Gate
	for _, entry := range n.objects(key) {
		gates = append(gates, Gate{ConditionType: entry.text("conditionType"), Polarity: entry.text("polarity")})
	}
	return gates
}

func taints(list []Taint) []any {
	out := make([]any, 0, len(list))
	for _, t := range list {
		entry := fields{"key": t.Key, "value": t.Value, "effect": t.Effect, "propagation": t.Propagation}
		out = append(out, map[string]any(entry.clean()))
	}
	return out
}

func (n node) taints(key string) []Taint {
	var taints []Taint
	for _, entry := range n.objects(key) {
		taints = append(taints, Taint{
			Key: entry.text("key"), Value: entry.text("value"), Effect: entry.text("effect"), Propagation: entry.text("propagation"),
		})
	}
	return taints
}

// rollout writes what control planes and pools have of it.
func rollout(s MachineSpec) fields {
	f := fields{}
	if s.RolloutAfter != nil {
		f["after"] = s.RolloutAfter.UTC().Format(time.RFC3339)
	}
	return f
}

// time reads a point in time, in UTC so that equal ones are equal.
func (n node) time(key string) *time.Time {
	at, err := time.Parse(time.RFC3339, n.text(key))
	if err != nil {
		return nil
	}
	at = at.UTC()
	return &at
}

func (n node) bool(key string) *bool {
	b, ok := n[key].(bool)
	if !ok {
		return nil
	}
	return &b
}

func (n node) objects(key string) []node {
	list, _ := n[key].([]any)
	var objects []node
	for _, item := range list {
		if object, ok := asMap(item); ok {
			objects = append(objects, object)
		}
	}
	return objects
}
