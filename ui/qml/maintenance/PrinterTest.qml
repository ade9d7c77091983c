import "../controls"
import "../theme"

// Prints a page that shows every dot, the scale, greys, a code and all languages.
TestPanel {
    steps: [1, 2, 3].map(step => Words.text("maintenance.steps.printer_" + step))
    test: "printer"

    PrimaryButton {
        enabled: Bridge.state.printing !== "printing"
        implicitHeight: Theme.mm(26)
        objectName: "button:print_test"
        text: Words.text("maintenance.test.start")
        width: parent.width

        onAct: Bridge.visit.printTestPage()
    }
    SaidLine {
        objectName: "label:printing"
        text: Bridge.state.printing === "" ? "" : Words.text("maintenance.printing." + Bridge.state.printing)
    }
}
