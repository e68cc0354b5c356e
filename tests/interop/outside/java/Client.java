// The Java client against the test server: java -cp JARS Client.java URL. Prints "ok TRANSPORT CHECK" or
// "FAIL … why", and "cut" and "mend" for its connection.
import io.socket.client.Ack;
import io.socket.client.IO;
import io.socket.client.Socket;
import io.socket.engineio.client.transports.Polling;
import io.socket.engineio.client.transports.WebSocket;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.json.JSONArray;
import org.json.JSONObject;

public class Client {
    static final long LIMIT_S = 20;

    interface Check {
        void run() throws Exception;
    }

    final String url;
    final String[] transports;
    final Socket socket;
    final BlockingQueue<Object[]> connects = new LinkedBlockingQueue<>();
    final BlockingQueue<Object[]> disconnects = new LinkedBlockingQueue<>();
    final BlockingQueue<Object[]> echoes = new LinkedBlockingQueue<>();
    final BlockingQueue<Object[]> answered = new LinkedBlockingQueue<>();

    Client(String url, String[] transports) {
        this.url = url;
        this.transports = transports;
        socket = IO.socket(URI.create(url), options(transports));
        socket.on(Socket.EVENT_CONNECT, connects::add);
        socket.on(Socket.EVENT_DISCONNECT, disconnects::add);
        socket.on("echo", echoes::add);
        socket.on("answered", answered::add);
        socket.on("question", args -> ((Ack) args[args.length - 1]).call("the answer", args[1]));
    }

    static IO.Options options(String[] transports) {
        IO.Options options = new IO.Options();
        options.forceNew = true;
        options.transports = transports;
        options.reconnectionDelay = 50;
        options.reconnectionDelayMax = 200;
        return options;
    }

    static Object[] next(BlockingQueue<Object[]> queue, String what) throws Exception {
        Object[] args = queue.poll(LIMIT_S, TimeUnit.SECONDS);
        if (args == null) throw new Exception("waited for " + what);
        return args;
    }

    static void same(Object expected, Object got) throws Exception {
        boolean equal = expected instanceof byte[] ? Arrays.equals((byte[]) expected, (byte[]) got) : expected.equals(got);
        if (!equal) throw new Exception("expected " + expected + ", got " + got);
    }

    void connects() throws Exception {
        socket.connect();
        next(connects, "the connect");
    }

    void text() throws Exception {
        JSONObject object = new JSONObject().put("a", new JSONArray().put(1).put(JSONObject.NULL));
        socket.emit("echo", "ü漢😀", object);
        Object[] args = next(echoes, "the echo");
        same("ü漢😀", args[0]);
        same(object.toString(), args[1].toString());
    }

    void binary() throws Exception {
        byte[] bytes = {0, 1, -1};
        socket.emit("echo", bytes, new JSONObject().put("deep", bytes));
        Object[] args = next(echoes, "the echo");
        same(bytes, args[0]);
        same(bytes, ((JSONObject) args[1]).get("deep"));
    }

    void acknowledged() throws Exception {
        BlockingQueue<Object[]> acks = new LinkedBlockingQueue<>();
        socket.emit("echo", new Object[] {"a", 2}, (Ack) acks::add);
        Object[] args = next(acks, "the ack");
        same("a", args[0]);
        same(2, args[1]);
        next(echoes, "the echo");
        socket.emit("echo", new Object[] {new byte[] {7}}, (Ack) acks::add);
        same(new byte[] {7}, next(acks, "the ack of bytes")[0]);
        next(echoes, "the echo of bytes");
    }

    void asked() throws Exception {
        socket.emit("ask", 5000, "x");
        Object[] args = next(answered, "the answer");
        same("the answer", args[0]);
        same("x", args[1]);
    }

    void refused() throws Exception {
        BlockingQueue<Object[]> errors = new LinkedBlockingQueue<>();
        Socket other = IO.socket(URI.create(url + "/nowhere"), options(transports));
        other.on(Socket.EVENT_CONNECT_ERROR, errors::add);
        other.connect();
        Object error = next(errors, "the refusal")[0];
        other.close();
        same("Invalid namespace", ((JSONObject) error).getString("message"));
    }

    void comesBack() throws Exception {
        System.out.println("cut");
        next(disconnects, "the disconnect");
        System.out.println("mend");
        next(connects, "the second connect");
        text();
    }

    void run(String way) {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("connects", this::connects);
        checks.put("text", this::text);
        checks.put("binary", this::binary);
        checks.put("is acknowledged", this::acknowledged);
        checks.put("is asked", this::asked);
        checks.put("is refused", this::refused);
        checks.put("comes back", this::comesBack);
        checks.forEach((name, check) -> {
            try {
                check.run();
                System.out.println("ok " + way + " " + name);
            } catch (Throwable error) {
                System.out.println("FAIL " + way + " " + name + " " + error);
            }
        });
        socket.close();
    }

    public static void main(String[] args) {
        Map<String, String[]> ways = new LinkedHashMap<>();
        ways.put("polling", new String[] {Polling.NAME});
        ways.put("websocket", new String[] {WebSocket.NAME});
        ways.put("upgrade", new String[] {Polling.NAME, WebSocket.NAME});
        ways.forEach((way, transports) -> new Client(args[0], transports).run(way));
        System.exit(0); // the client's own threads would keep it alive
    }
}
