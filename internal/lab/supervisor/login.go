package supervisor

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// loginRequest names the workload cluster that a login is also for. The body
// may be empty.
type loginRequest struct {
	GuestName      string `json:"guest_cluster_name"`
	GuestNamespace string `json:"guest_cluster_namespace"`
}

type loginResponse struct {
	SessionID  string `json:"session_id"`
	KubeConfig string `json:"kube_config"`

	// An empty server is how an unknown workload cluster is told apart: the
	// call itself succeeds. The server has no port; clients add 6443.
	GuestServer *string `json:"guest_cluster_server,omitempty"`
	GuestCA     *string `json:"guest_cluster_ca,omitempty"`
}

// login serves POST /wcp/login.
func (s *Supervisor) login(w http.ResponseWriter, r *http.Request) {
	name, password, ok := r.BasicAuth()
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="WCP Authentication Proxy"`)
		http.Error(w, "basic authentication is required", http.StatusUnauthorized)
		return
	}
	who, ok := s.authenticatePassword(name, password)
	if !ok {
		http.Error(w, "invalid credentials", http.StatusUnauthorized)
		return
	}
	var req loginRequest
	if r.ContentLength != 0 {
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&req); err != nil && r.ContentLength > 0 {
			http.Error(w, "body is not JSON", http.StatusBadRequest)
			return
		}
	}
	res, err := s.session(r, who)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if req.GuestName != "" {
		s.addGuest(r, req, res)
	}
	writeJSON(w, http.StatusOK, res)
}

func (s *Supervisor) session(r *http.Request, who account) (*loginResponse, error) {
	now := s.now()
	token, err := s.signer.sign(claims{
		Subject: who.name, Groups: who.groups,
		Issuer: tokenIssuer, Audience: "vmware-tes:vc:vns:k8s",
		IssuedAt: now.Unix(), Expires: now.Add(s.opts.TokenTTL).Unix(),
	})
	if err != nil {
		return nil, err
	}
	kubeconfig, err := s.tokenKubeconfig(r, who.name, token)
	return &loginResponse{SessionID: token, KubeConfig: kubeconfig}, err
}

func (s *Supervisor) addGuest(r *http.Request, req loginRequest, res *loginResponse) {
	server, ca := "", ""
	user, groups, err := s.Authenticate(res.SessionID)
	if err == nil {
		edit, view := s.GuestRole(r.Context(), user, groups, req.GuestNamespace)
		if source := s.workloadSource(); source != nil && (edit || view) {
			if host, pem, ok := source.Endpoint(r.Context(), req.GuestNamespace, req.GuestName); ok {
				server, ca = host, base64.StdEncoding.EncodeToString(pem)
			}
		}
	}
	res.GuestServer, res.GuestCA = &server, &ca
}

// tokenKubeconfig is what kubectl would write for this login.
func (s *Supervisor) tokenKubeconfig(r *http.Request, user, token string) (string, error) {
	url := doorURL(r)
	host := doorHost(url)
	name := "wcp:" + host + ":" + user
	raw, err := clientcmd.Write(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{host: {Server: url, CertificateAuthorityData: s.opts.CA.CertPEM()}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: token}},
		Contexts:       map[string]*clientcmdapi.Context{host: {Cluster: host, AuthInfo: name}},
		CurrentContext: host,
	})
	return string(raw), err
}

// doorURL is the address of the door that a request came through.
func doorURL(r *http.Request) string { return "https://" + r.Host }

// workload is one entry of GET /wcp/workloads.
type workload struct {
	Namespace string   `json:"namespace"`
	Host      string   `json:"master_host"`
	Port      int      `json:"control_plane_api_server_port"`
	DNSNames  []string `json:"control_plane_DNS_names"`
}

// listWorkloads serves GET /wcp/workloads: the namespaces of the caller.
func (s *Supervisor) listWorkloads(w http.ResponseWriter, r *http.Request) {
	user, groups, err := s.Authenticate(bearer(r))
	if err != nil {
		writeStatus(w, unauthorized(err))
		return
	}
	var namespaces corev1.NamespaceList
	if err := s.kube.List(r.Context(), &namespaces, tenantNamespaces); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	host, port := doorHostPort(doorURL(r))
	out := []workload{}
	for _, ns := range namespaces.Items {
		if edit, view := s.GuestRole(r.Context(), user, groups, ns.Name); edit || view {
			out = append(out, workload{Namespace: ns.Name, Host: host, Port: port, DNSNames: []string{}})
		}
	}
	writeJSON(w, http.StatusOK, out)
}

func loginBanner(w http.ResponseWriter, _ *http.Request) {
	// Only that it is served tells a Supervisor from other Kubernetes servers.
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"banner":""}`))
}

func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

func writeStatus(w http.ResponseWriter, st *metav1.Status) {
	writeJSON(w, int(st.Code), st)
}

func doorHost(url string) string {
	host, _ := doorHostPort(url)
	return host
}

func doorHostPort(url string) (string, int) {
	const scheme = "https://"
	if len(url) < len(scheme) {
		return "", 0
	}
	host, port, err := net.SplitHostPort(url[len(scheme):])
	if err != nil {
		return url[len(scheme):], 443
	}
	n, _ := strconv.Atoi(port)
	return host, n
}
